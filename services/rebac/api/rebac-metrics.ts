import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Counts checks without a label lookup for each: there may be a million a second. */
export class CheckTally {
  readonly #tallies = new Map<string, { allowed: number; denied: number; failed: number }>()

  /** The tally of an RPC; increment its fields. */
  of(rpc: string): { allowed: number; denied: number; failed: number } {
    const known = this.#tallies.get(rpc)
    if (known !== undefined) return known
    const tally = { allowed: 0, denied: 0, failed: 0 }
    this.#tallies.set(rpc, tally)
    return tally
  }

  entries(): IterableIterator<[string, { allowed: number; denied: number; failed: number }]> {
    return this.#tallies.entries()
  }
}

/** What the permission service counts. */
export interface RebacMetrics {
  readonly checks: CheckTally
  readonly onError: (rpc: string, reason: string) => void
  readonly onCall: (rpc: string, startedAt: number) => void
}

/** What the registry of tenants tells. */
interface TenantFigures {
  readonly residentTenants: number
  readonly residentBytes: number
  readonly storeBackedTenants: number
  readonly storeWork: { readonly evaluations: number; readonly rounds: number; readonly fetchedRelationships: number }
}

/** Registers the service's metrics. */
export function createRebacMetrics(registry: Registry, tenants: TenantFigures): RebacMetrics {
  const checks = new CheckTally()
  const registers = [registry]
  new Counter({
    name: 'nexus_rebac_checks_total',
    help: 'Questions that were answered, by RPC and decision.',
    labelNames: ['rpc', 'decision'],
    registers,
    collect() {
      this.reset()
      for (const [rpc, tally] of checks.entries()) {
        for (const [decision, count] of Object.entries(tally)) this.inc({ rpc, decision }, count)
      }
    },
  })
  const errors = new Counter({
    name: 'nexus_rebac_errors_total',
    help: 'Calls, and questions of a stream, that ended with an error, by reason.',
    labelNames: ['rpc', 'reason'],
    registers,
  })
  const seconds = new Histogram({
    name: 'nexus_rebac_call_seconds',
    help: 'How long successful calls took in the service.',
    labelNames: ['rpc'],
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers,
  })
  registerResidency(registry, tenants)
  // A child spares the look-up by labels.
  const secondsOf = new Map<string, Histogram.Internal<'rpc'>>()
  return {
    checks,
    onError: (rpc, reason) => errors.inc({ rpc, reason }),
    onCall: (rpc, startedAt) => {
      let child = secondsOf.get(rpc)
      if (child === undefined) secondsOf.set(rpc, (child = seconds.labels({ rpc })))
      child.observe((performance.now() - startedAt) / 1_000)
    },
  }
}

function registerResidency(registry: Registry, tenants: TenantFigures): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  gauge('nexus_rebac_resident_tenants', 'Tenants in memory.', () => tenants.residentTenants)
  gauge('nexus_rebac_resident_bytes', 'Memory of the tenants in it.', () => tenants.residentBytes)
  gauge(
    'nexus_rebac_store_backed_tenants',
    'Tenants that do not fit in memory and are evaluated from the database.',
    () => tenants.storeBackedTenants,
  )
  counter(
    'nexus_rebac_store_evaluations_total',
    'Requests, or groups of them, that were evaluated from the database.',
    () => tenants.storeWork.evaluations,
  )
  counter(
    'nexus_rebac_store_rounds_total',
    'How often such an evaluation fetched what it had not yet.',
    () => tenants.storeWork.rounds,
  )
  counter(
    'nexus_rebac_store_relationships_total',
    'Relationships that such evaluations fetched.',
    () => tenants.storeWork.fetchedRelationships,
  )
}
