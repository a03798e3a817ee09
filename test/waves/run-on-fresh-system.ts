import { WaveClient } from './client.ts'
import type { WavesCommand } from './options.ts'
import type { Progress } from './progress.ts'
import { compareSerially } from './reference.ts'
import { runWaves, type WaveReport } from './run-waves.ts'
import type { SystemDatabases } from './system/databases.ts'
import { postgresDatabases } from './system/postgres.ts'
import { RebacKiller } from './system/rebac-killer.ts'
import { sqliteDatabases } from './system/sqlite.ts'
import { makeFolder, System } from './system/system.ts'
import { waveTarget } from './target.ts'

export interface FreshRun {
  readonly report: WaveReport
  readonly problems: readonly string[]
  /** Worth telling, in sentences. */
  readonly notes: readonly string[]
}

/** Starts the system on empty databases, runs the waves, stops it, looks for damage, and starts it once more. */
export async function runOnFreshSystem(command: WavesCommand, progress: Progress): Promise<FreshRun> {
  const folder = makeFolder()
  const databases =
    command.database === 'postgres'
      ? await postgresDatabases((line) => progress.say(line))
      : sqliteDatabases(`${folder.path}/data`)
  const system = await System.create(folder.path, databases)
  let failed = true
  try {
    const run = await runSystem(system, databases, command, progress)
    failed = run.problems.length > 0
    return run
  } finally {
    await system.stop()
    await databases.dispose()
    if (failed || command.keep) progress.say(`data and logs are kept in ${folder.path}`)
    else folder.remove()
  }
}

async function runSystem(
  system: System,
  databases: SystemDatabases,
  command: WavesCommand,
  progress: Progress,
): Promise<FreshRun> {
  progress.say(`starting the system on ${databases.kind}, with demo data`)
  await system.start()
  const target = waveTarget(system.url)
  const killer = command.killRebac ? new RebacKiller(system) : null
  const report = await runWaves(target, {
    ...command,
    allowUnavailable: killer !== null,
    demoContent: true,
    metricsUrls: system.metricsUrls,
    progress,
    ...(killer === null ? {} : { beside: (stop: AbortSignal) => killer.run(stop) }),
  })
  const problems = [...report.problems]

  progress.say('stopping the system and looking for damage')
  problems.push(...(await system.stop()))
  const check = await databases.check()
  problems.push(...check.problems)

  progress.say('starting it again: is every acknowledged write there, is every answer the same?')
  await system.start()
  const client = new WaveClient(system.url, 4)
  problems.push(...(await report.verifyWrites()))
  problems.push(...(await compareSerially(client, target, report.reference)))
  client.close()
  problems.push(...(await system.stop()), ...system.auditLogs())
  const kills = killer === null ? [] : [`the permission service was killed ${killer.kills} times`]
  return { report, problems, notes: [...kills, `databases: ${check.summary}`] }
}
