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

/** Registers the service's metrics. */
export function createRebacMetrics(
  registry: Registry,
  tenants: { readonly residentTenants: number; readonly residentBytes: number },
): RebacMetrics {
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

function registerResidency(
  registry: Registry,
  tenants: { readonly residentTenants: number; readonly residentBytes: number },
) {
  new Gauge({
    name: 'nexus_rebac_resident_tenants',
    help: 'Tenants in memory.',
    registers: [registry],
    collect() {
      this.set(tenants.residentTenants)
    },
  })
  new Gauge({
    name: 'nexus_rebac_resident_bytes',
    help: 'Memory of the tenants in it.',
    registers: [registry],
    collect() {
      this.set(tenants.residentBytes)
    },
  })
}
