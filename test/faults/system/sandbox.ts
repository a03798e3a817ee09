import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SystemDatabases } from '../../waves/system/databases.ts'
import { postgresDatabases } from '../../waves/system/postgres.ts'
import { sqliteDatabases } from '../../waves/system/sqlite.ts'
import { Problems, type Outcome } from '../proof.ts'
import { Cluster, type ClusterOptions } from './cluster.ts'

/** A running system of a proof's own, and where it notes what does not hold. */
export interface Sandbox {
  readonly cluster: Cluster
  readonly databases: SystemDatabases
  readonly folder: string
  readonly problems: Problems
  readonly say: (line: string) => void
}

export interface SandboxOptions extends Omit<ClusterOptions, 'folder' | 'databases'> {
  readonly engine: 'sqlite' | 'postgres'
  /** Instead of those that the engine has by itself. */
  readonly makeDatabases?: () => Promise<SystemDatabases>
  readonly say: (line: string) => void
}

/** Starts a system on empty databases, proves something, and removes it; data and logs of a failure are kept. */
export async function inSandbox(
  { engine, say, makeDatabases, ...options }: SandboxOptions,
  prove: (sandbox: Sandbox) => Promise<Outcome['figures']>,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-'))
  const problems = new Problems()
  const databases = await (makeDatabases?.() ?? databasesOf(engine, join(folder, 'data'), say))
  const cluster = await Cluster.create({ ...options, folder, databases })
  let finished = false
  try {
    await cluster.start()
    const figures = await prove({ cluster, databases, folder, problems, say })
    finished = true
    return { figures, problems: problems.list }
  } finally {
    await cluster.stop()
    await databases.dispose()
    if (finished && problems.list.length === 0) rmSync(folder, { recursive: true, force: true })
    else say(`data and logs are kept in ${folder}`)
  }
}

async function databasesOf(
  engine: SandboxOptions['engine'],
  dataDir: string,
  say: (line: string) => void,
): Promise<SystemDatabases> {
  return engine === 'postgres' ? await postgresDatabases(say) : sqliteDatabases(dataDir)
}
