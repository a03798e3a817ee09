import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that suites make their databases on. */
    postgresUrl: string
  }
}

/** vitest's globalSetup: one PostgreSQL server for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres((line) => process.stderr.write(`${line}\n`), true)
  project.provide('postgresUrl', server.url)
  process.env['POSTGRES_URL'] = server.url
  return () => server.stop()
}
