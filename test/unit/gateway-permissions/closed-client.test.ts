import { expect, it } from 'vitest'
import { connectPermissions } from '../../../gateway/permissions/rebac-permissions.ts'
import { createLogger } from '../../../services/common/log.ts'

it('a client that was closed is unavailable, not broken: a request may outlive the drain', async () => {
  const logger = createLogger('test', 'silent')
  const client = connectPermissions({ address: '127.0.0.1:1', token: 'secret', ca: null, plaintext: true, logger })
  await client.close()
  const deadline = Date.now() + 100
  const filter = { objectType: 'file' }
  await expect(client.read({ tenant: 't', filter, deadline })).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  const once = { tenant: 't', operations: [], idempotencyKey: null, deadline }
  await expect(client.write(once)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})
