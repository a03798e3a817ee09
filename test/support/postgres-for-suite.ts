import { afterAll } from 'vitest'
import { createDatabase, startPostgres, type TestDatabase } from './postgres.ts'

/** Makes empty databases for the tests of one file; they, and a server that was started for them, go with the file. */
export function postgresForSuite(): () => Promise<TestDatabase> {
  const made: TestDatabase[] = []
  let server: ReturnType<typeof startPostgres> | undefined
  afterAll(async () => {
    await Promise.all(made.map((database) => database.drop()))
    await (await server)?.stop()
  })
  return async () => {
    // Where vitest's globalSetup has run, POSTGRES_URL is set and nothing is started here.
    server ??= startPostgres((line) => process.stderr.write(`${line}\n`))
    const database = await createDatabase((await server).url)
    made.push(database)
    return database
  }
}
