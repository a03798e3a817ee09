import { postgresForSuite } from '../support/postgres-for-suite.ts'
import { gatewayStoreSuite } from './gateway-store/suite.ts'

const createDatabase = postgresForSuite()

gatewayStoreSuite({ name: 'postgres', place: async () => (await createDatabase()).url })
