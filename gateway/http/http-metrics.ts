import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the listener counts. */
export interface HttpMetrics {
  /** A call was answered. `code` is 0, a JSON-RPC error code, or an HTTP status where HTTP itself said no. */
  answered(method: string, code: number, seconds: number): void
}

export function httpMetrics(registry: Registry, inFlight: () => number): HttpMetrics {
  const answers = new Counter({
    name: 'nexus_rpc_answers_total',
    help: 'Answered calls by method and code; 0 is success.',
    labelNames: ['method', 'code'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'nexus_rpc_seconds',
    help: 'From the arrival of a call to its answer.',
    labelNames: ['method'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'nexus_rpc_in_flight',
    help: 'Calls that are being worked on.',
    registers: [registry],
    collect() {
      this.set(inFlight())
    },
  })
  return {
    answered(method, code, seconds) {
      answers.inc({ method, code: String(code) })
      duration.observe({ method }, seconds)
    },
  }
}
