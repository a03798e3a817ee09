import { openRelationshipStore } from '../../services/rebac/store/open-store.ts'
import { postgresForSuite } from '../support/postgres-for-suite.ts'
import { describeRelationshipStore } from './relationship-store.ts'

const createDatabase = postgresForSuite()

describeRelationshipStore('PostgreSQL', async () => {
  const { url, drop } = await createDatabase()
  return { open: () => openRelationshipStore({ url }), remove: drop }
})
