import { createServer } from 'node:http'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Address } from '../config/settings.ts'
import type { DatabaseObserver } from '../sql/database.ts'

/** Seconds, from a fraction of a millisecond on. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A process's metrics; each composition root makes its own. */
export function createRegistry(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Counts what a database does. `database` is a label such as "rebac" or "gateway". */
export function databaseMetrics(registry: Registry, database: string, depth: () => number): DatabaseObserver {
  const commands = new Counter({
    name: 'nexus_database_writes_total',
    help: 'Writes that were taken into a transaction, by command.',
    labelNames: ['database', 'command'],
    registers: [registry],
  })
  const groups = new Histogram({
    name: 'nexus_database_group_size',
    help: 'Writes that shared a transaction.',
    labelNames: ['database'],
    buckets: [1, 2, 4, 8, 16, 32],
    registers: [registry],
  })
  const wait = new Histogram({
    name: 'nexus_database_write_wait_seconds',
    help: 'From the call to the begin of its transaction.',
    labelNames: ['database'],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  })
  const commit = new Histogram({
    name: 'nexus_database_commit_seconds',
    help: 'From the begin of a transaction to its commit.',
    labelNames: ['database'],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  })
  const retries = new Counter({
    name: 'nexus_database_retries_total',
    help: 'Transactions that were tried again.',
    labelNames: ['database'],
    registers: [registry],
  })
  new Gauge({
    name: 'nexus_database_queue_depth',
    help: 'Writes that wait for a transaction.',
    labelNames: ['database'],
    registers: [registry],
    collect() {
      this.set({ database }, depth())
    },
  })
  return {
    onGroup: (event) => {
      for (const command of event.commands) commands.inc({ database, command })
      groups.observe({ database }, event.commands.length)
      wait.observe({ database }, event.waitMs / 1_000)
      commit.observe({ database }, event.commitMs / 1_000)
    },
    onRetry: () => retries.inc({ database }),
  }
}

/** Serves the metrics as text on GET /metrics; for a process that has no HTTP server of its own. */
export async function serveMetrics(
  registry: Registry,
  listen: Address,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen.port, listen.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
