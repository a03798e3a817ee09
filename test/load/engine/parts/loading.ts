import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createLogger } from '../../../../services/common/log.ts'
import type { RelationshipStore } from '../../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../../services/rebac/store/open-store.ts'
import { RELATIONSHIP_COLUMNS } from '../../../../services/rebac/store/rows.ts'
import { FULLY_CONSISTENT } from '../../../../services/rebac/tenants/freshness.ts'
import { TenantRegistry } from '../../../../services/rebac/tenants/tenant-registry.ts'
import { ask, newEvaluator } from '../checker.ts'
import { Dataset } from '../dataset.ts'
import { interleave, median, medianRatio } from '../../figures.ts'
import type { Part } from '../../part.ts'
import { settledMemory } from '../settle.ts'
import type { Sizes } from '../sizes.ts'

const TENANT = 'bench'
const ROUNDS = 3
const PATIENCE_MS = 600_000
/** Relationships between two lines of progress. */
const SAY_EVERY = 200_000
const MEMORY_BYTES = 8 * 1_024 ** 3

/** Loading a tenant, up to its first answer, against reading the same columns of the same rows and nothing else. */
export const loading: Part<Sizes> = async (sizes, say) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-bench-'))
  const file = join(folder, 'rebac.db')
  try {
    await using store = await openRelationshipStore({ url: `sqlite:${file}` })
    const dataset = new Dataset(sizes.large)
    await fill(store, dataset, (written) => say(`loading: wrote ${written} of ${dataset.size} relationships`))
    say('loading: reading them')
    const seconds = await interleave(
      {
        load: () => timed(() => loadTenant(store, dataset)),
        iterate: () => timed(() => scan(file, dataset, 'iterate')),
        all: () => timed(() => scan(file, dataset, 'all')),
      },
      Math.min(sizes.rounds, ROUNDS),
    )
    // The faster way to read is the measure.
    const scans = median(seconds.iterate) < median(seconds.all) ? seconds.iterate : seconds.all
    const middle = { load: median(seconds.load), iterate: median(seconds.iterate), all: median(seconds.all) }
    return {
      figures: { load_vs_scan: medianRatio(seconds.load, scans), load_seconds: middle },
      notes: [
        `loading took ${middle.load.toFixed(2)} s; a bare scan ${middle.iterate.toFixed(2)} s row by row, ${middle.all.toFixed(2)} s all at once; the faster one is the measure`,
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(store: RelationshipStore, dataset: Dataset, say: (written: number) => void): Promise<void> {
  let written = 0
  for (const batch of dataset.batches()) {
    if (written % SAY_EVERY === 0) say(written)
    written += batch.length
    await store.write({
      tenant: TENANT,
      operations: batch.map((relationship) => ({ kind: 'create', relationship })),
      schemaVersion: '',
      preconditions: [],
      idempotency: null,
      now: Date.now(),
      deadline: Date.now() + PATIENCE_MS,
    })
  }
}

/** As the service does when a tenant is first asked for. */
async function loadTenant(store: RelationshipStore, dataset: Dataset): Promise<void> {
  const logger = createLogger('bench', 'silent')
  const tenants = new TenantRegistry({ store, logger, memoryBudgetBytes: MEMORY_BYTES })
  try {
    const view = await tenants.view(TENANT, FULLY_CONSISTENT, Date.now() + PATIENCE_MS)
    if (view === null) throw new Error('the tenant does not fit in memory')
    const { graph, schema } = view
    for (const expected of [true, false]) {
      const { object, relation, user } = dataset.deep(0, expected)
      const allowed = newEvaluator(schema, graph).check(ask('file', object, relation, user, expected).question)
      if (allowed !== expected) throw new Error(`wrong answer for ${object}`)
    }
    if (graph.size !== dataset.size) throw new Error(`${graph.size} of ${dataset.size} relationships were loaded`)
  } finally {
    tenants.close()
  }
}

function scan(file: string, dataset: Dataset, way: 'iterate' | 'all'): void {
  const database = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const statement = database.prepare(`select ${RELATIONSHIP_COLUMNS} from relationships where tenant = ?`)
    let rows = 0
    if (way === 'all') rows = statement.all(TENANT).length
    else for (const _ of statement.iterate(TENANT)) rows += 1
    if (rows !== dataset.size) throw new Error(`${rows} of ${dataset.size} rows were read`)
  } finally {
    database.close()
  }
}

async function timed(work: () => void | Promise<void>): Promise<number> {
  // What the one before left behind is not this one's work.
  settledMemory()
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1_000
}
