import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SystemDatabases } from '../../waves/system/databases.ts'
import { auditLog } from '../../waves/system/log-audit.ts'
import { freePorts } from '../../waves/system/ports.ts'
import { SystemProcess } from '../../waves/system/process.ts'

export interface ClusterOptions {
  readonly folder: string
  readonly databases: SystemDatabases
  /** @default 1 */
  readonly rebacs?: number
  /** @default 1 */
  readonly gateways?: number
  /** Programs in place of the real ones. */
  readonly programs?: Readonly<Record<MemberKind, string>>
  /** For all processes. */
  readonly settings?: Readonly<Record<string, string>>
}

type MemberKind = 'rebac' | 'gateway'

const PROGRAMS: Readonly<Record<MemberKind, string>> = {
  rebac: 'services/rebac/main.ts',
  gateway: 'gateway/main.ts',
}

/** By which everybody here calls the permission services. */
export const REBAC_TOKEN = 'the-secret-of-this-proof-0123456789'

/** A process, where it answers, and where it tells its metrics. */
export interface Member {
  readonly name: string
  readonly process: SystemProcess
  /** Of a gateway its URL, of a permission service host:port. */
  readonly address: string
  readonly metricsUrl: string
}

const READY_LIMIT_MS = 60_000
const READY_LOOK_MS = 25

/** Permission services and gateways as real processes; gateway number n asks service number n, or the last one. */
export class Cluster {
  readonly rebacs: readonly Member[]
  readonly gateways: readonly Member[]
  readonly #logs: Readonly<Record<string, string>>

  private constructor(rebacs: readonly Member[], gateways: readonly Member[], logs: Readonly<Record<string, string>>) {
    this.rebacs = rebacs
    this.gateways = gateways
    this.#logs = logs
  }

  static async create({
    folder,
    databases,
    settings,
    programs = PROGRAMS,
    ...counts
  }: ClusterOptions): Promise<Cluster> {
    mkdirSync(folder, { recursive: true })
    const rebacCount = counts.rebacs ?? 1
    const ports = await freePorts(rebacCount * 2 + (counts.gateways ?? 1))
    const local = () => `127.0.0.1:${ports.shift()}`
    const shared = {
      NEXUS_DATA_DIR: join(folder, 'data'),
      NEXUS_DEMO: '1',
      NEXUS_REBAC_TOKEN: REBAC_TOKEN,
      ...databases.environment,
      ...settings,
    }
    const logs: Record<string, string> = {}
    const make = (kind: MemberKind, index: number, environment: Record<string, string>) => {
      const name = `${kind}-${index}`
      const log = (logs[name] = join(folder, `${name}.log`))
      return { name, process: new SystemProcess(programs[kind], { ...shared, ...environment }, log) }
    }
    const rebacs = Array.from({ length: rebacCount }, (_, index) => {
      const [address, metrics] = [local(), local()]
      const member = make('rebac', index, { REBAC_LISTEN: address, REBAC_METRICS_LISTEN: metrics })
      return { ...member, address, metricsUrl: `http://${metrics}/metrics` }
    })
    const gateways = Array.from({ length: counts.gateways ?? 1 }, (_, index) => {
      const address = local()
      const rebac = rebacs[Math.min(index, rebacCount - 1)]?.address ?? ''
      const port = address.slice(address.indexOf(':') + 1)
      const member = make('gateway', index, { NEXUS_PORT: port, NEXUS_REBAC_ADDRESS: rebac })
      return { ...member, address: `http://${address}`, metricsUrl: `http://${address}/metrics` }
    })
    return new Cluster(rebacs, gateways, logs)
  }

  gateway(index: number): Member {
    return memberOf(this.gateways, index)
  }

  rebac(index: number): Member {
    return memberOf(this.rebacs, index)
  }

  get members(): readonly Member[] {
    return [...this.rebacs, ...this.gateways]
  }

  /** Of the first gateway. */
  get url(): string {
    return this.gateway(0).address
  }

  async start(): Promise<void> {
    await Promise.all(this.members.map((member) => member.process.start()))
    await this.ready()
  }

  /** Resolves when every gateway says that it is ready. @throws Error after a minute */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_LIMIT_MS
    for (const { name, address } of this.gateways) {
      while ((await fetch(`${address}/health/ready`).catch(() => undefined))?.status !== 200) {
        if (performance.now() > deadline) throw new Error(`${name} was not ready in ${READY_LIMIT_MS} ms`)
        await sleep(READY_LOOK_MS)
      }
    }
  }

  /** The gateways first; the problems, in words. */
  async stop(): Promise<string[]> {
    const problems: string[] = []
    for (const { name, process } of [...this.gateways, ...this.rebacs]) {
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

function memberOf(members: readonly Member[], index: number): Member {
  const member = members[index]
  if (member === undefined) throw new Error(`there is no member ${index}`)
  return member
}
