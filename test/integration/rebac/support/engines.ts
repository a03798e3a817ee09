import { join } from 'node:path'
import { describe } from 'vitest'
import { postgresForSuite } from '../../../support/postgres-for-suite.ts'
import { servicesForSuite } from './service.ts'

/** Runs a suite on each engine; `makeUrl` names a new, empty database. */
export function describeOnEachEngine(
  name: string,
  suite: (context: ReturnType<typeof servicesForSuite> & { makeUrl: () => Promise<string> }) => void,
): void {
  describe(`${name} on SQLite`, () => {
    const services = servicesForSuite()
    suite({ ...services, makeUrl: async () => `sqlite:${join(await services.makeFolder(), 'rebac.db')}` })
  })
  describe(`${name} on PostgreSQL`, () => {
    const makeDatabase = postgresForSuite()
    const services = servicesForSuite()
    suite({ ...services, makeUrl: async () => (await makeDatabase()).url })
  })
}
