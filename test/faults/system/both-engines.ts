import { ENGINES, type Engine, TestSystem } from '../../support/gateway-process.ts'
import { startPostgres } from '../../support/postgres.ts'

/**
 * Gateway and permission service in this process, once on each database, for as long as something is done with them.
 * Both are there at once: what takes turns shares what else the machine does.
 */
export async function onBothEngines(
  say: (line: string) => void,
  action: (systems: readonly (readonly [Engine, TestSystem])[]) => Promise<void>,
): Promise<void> {
  const server = await startPostgres(say)
  const systems: (readonly [Engine, TestSystem])[] = []
  try {
    for (const engine of ENGINES) systems.push([engine, await TestSystem.start({ engine, postgresUrl: server.url })])
    await action(systems)
  } finally {
    for (const [, system] of systems) await system.close()
    await server.stop()
  }
}
