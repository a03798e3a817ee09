import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SystemDatabases } from './databases.ts'
import { auditLog } from './log-audit.ts'
import { freePorts } from './ports.ts'
import { SystemProcess } from './process.ts'

/** Gateway and permission service as real processes, with demo data, on ports of their own. */
export class System {
  readonly url: string
  readonly metricsUrls: readonly string[]
  readonly rebac: SystemProcess
  readonly gateway: SystemProcess
  readonly #logs: Readonly<Record<string, string>>

  private constructor(ports: readonly number[], folder: string, databases: SystemDatabases) {
    const [web = 0, grpc = 0, metrics = 0] = ports
    this.url = `http://127.0.0.1:${web}`
    this.metricsUrls = [`${this.url}/metrics`, `http://127.0.0.1:${metrics}/metrics`]
    this.#logs = { rebac: join(folder, 'rebac.log'), gateway: join(folder, 'gateway.log') }
    const environment = {
      NEXUS_DATA_DIR: join(folder, 'data'),
      NEXUS_DEMO: '1',
      NEXUS_PORT: String(web),
      NEXUS_REBAC_ADDRESS: `127.0.0.1:${grpc}`,
      REBAC_LISTEN: `127.0.0.1:${grpc}`,
      REBAC_METRICS_LISTEN: `127.0.0.1:${metrics}`,
      ...databases.environment,
    }
    this.rebac = new SystemProcess('services/rebac/main.ts', environment, this.#logs['rebac'] ?? '')
    this.gateway = new SystemProcess('gateway/main.ts', environment, this.#logs['gateway'] ?? '')
  }

  /** @param folder as `makeFolder` gives it */
  static async create(folder: string, databases: SystemDatabases): Promise<System> {
    return new System(await freePorts(3), folder, databases)
  }

  async start(): Promise<void> {
    await Promise.all([this.rebac.start(), this.gateway.start()])
  }

  /** The gateway first; the problems, in words. */
  async stop(): Promise<string[]> {
    const problems: string[] = []
    for (const [name, process] of [
      ['gateway', this.gateway],
      ['rebac', this.rebac],
    ] as const) {
      const code = await process.stop()
      if (code !== 0) problems.push(`${name} ended with exit code ${code} after SIGTERM`)
    }
    return problems
  }

  /** What the logs hold that they should not. */
  auditLogs(): string[] {
    return Object.entries(this.#logs).flatMap(([name, file]) => auditLog(name, readFileSync(file, 'utf8')))
  }
}

/** A folder for data and logs, and how it is removed. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'nexus-waves-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
