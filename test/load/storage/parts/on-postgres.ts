import { createDatabase, startPostgres } from '../../../support/postgres.ts'
import type { Part, PartResult } from '../../part.ts'
import { BarePostgres } from '../bare-postgres.ts'
import { type Contender, Race } from '../../race.ts'
import { BenchService, type Consistency } from '../service.ts'
import type { Sizes } from '../sizes.ts'

const BULK = 100
const IN_FLIGHT = 8
const CLIENTS = 64

/** Writes on PostgreSQL against bare inserts, and checks against those of a service on SQLite. */
export const onPostgres: Part<Sizes> = async (sizes, say) => {
  const server = await startPostgres(say)
  const database = await createDatabase(server.url)
  try {
    await using service = await BenchService.start(database.url)
    await service.fill(1)
    const writes = await compareWrites(service, server.url, database.url, sizes, say)
    const reads = await compareReads(service, sizes, say)
    return { figures: { ...writes.figures, ...reads.figures }, notes: [...writes.notes, ...reads.notes] }
  } finally {
    await database.drop()
    await server.stop()
  }
}

async function compareWrites(
  service: BenchService,
  serverUrl: string,
  modelUrl: string,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<PartResult> {
  await using bare = await BarePostgres.create(serverUrl, modelUrl, IN_FLIGHT)
  say('writes of 100 against bare inserts on PostgreSQL')
  const race = await Race.run(
    {
      bare: { inFlight: IN_FLIGHT, call: () => bare.insert(BULK) },
      service: { inFlight: IN_FLIGHT, call: () => service.write(BULK) },
      'service, single writes': { inFlight: CLIENTS, call: () => service.write(1) },
    },
    sizes,
  )
  return {
    figures: { write_bulk_vs_raw_postgres: race.ratio('service', 'bare') },
    notes: [`relationships a second in requests of 100, PostgreSQL: ${race.summary}`],
  }
}

async function compareReads(service: BenchService, sizes: Sizes, say: (line: string) => void): Promise<PartResult> {
  await using local = await BenchService.start()
  await Promise.all([service.fill(sizes.checked), local.fill(sizes.checked)])
  say('checks on PostgreSQL against SQLite')
  const race = await Race.run(
    {
      postgres: checking(service, 'minimizeLatency'),
      sqlite: checking(local, 'minimizeLatency'),
      'postgres, fully consistent': checking(service, 'fullyConsistent'),
      'sqlite, fully consistent': checking(local, 'fullyConsistent'),
    },
    sizes,
  )
  return {
    figures: {
      read_postgres_vs_sqlite: race.ratio('postgres', 'sqlite'),
      read_postgres_vs_sqlite_fully_consistent: race.ratio('postgres, fully consistent', 'sqlite, fully consistent'),
    },
    notes: [`checks a second, with minimize_latency unless said otherwise: ${race.summary}`],
  }
}

function checking(service: BenchService, consistency: Consistency): Contender {
  return { inFlight: CLIENTS, call: () => service.check(consistency) }
}
