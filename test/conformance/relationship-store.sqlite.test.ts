import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRelationshipStore } from '../../services/rebac/store/open-store.ts'
import { describeRelationshipStore } from './relationship-store.ts'

describeRelationshipStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-store-'))
  return {
    open: () => openRelationshipStore({ url: `sqlite:${join(folder, 'rebac.db')}` }),
    remove: () => rm(folder, { recursive: true }),
  }
})
