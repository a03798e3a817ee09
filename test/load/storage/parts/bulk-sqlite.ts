import type { Part } from '../../part.ts'
import { BareSqlite } from '../bare-sqlite.ts'
import { Race } from '../../race.ts'
import { BenchService } from '../service.ts'
import type { Sizes } from '../sizes.ts'

const BULK = 100
const IN_FLIGHT = 8

/** Relationships in requests of 100 against bare inserts, both durable. */
export const bulkSqlite: Part<Sizes> = async (sizes, say) => {
  await using service = await BenchService.start()
  await service.fill(1)
  using bare = new BareSqlite(service.file)
  say('writes of 100 against bare inserts on SQLite')
  const race = await Race.run(
    {
      bare: { inFlight: 1, call: () => bare.insert(BULK) },
      service: { inFlight: IN_FLIGHT, call: () => service.write(BULK) },
      'service, one request at a time': { inFlight: 1, call: () => service.write(BULK) },
    },
    sizes,
  )
  return {
    figures: { write_bulk_vs_raw_sqlite: race.ratio('service', 'bare') },
    notes: [`relationships a second in requests of 100, SQLite: ${race.summary}`],
  }
}
