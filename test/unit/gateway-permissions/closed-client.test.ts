import { expect, it } from 'vitest'
import { connectPermissions } from '../../../gateway/permissions/rebac-permissions.ts'
import { createLogger } from '../../../services/common/log.ts'

const FILTER = { tenant: 't', filter: { objectType: 'file' } }

/** Of a service that is not there. */
function connect() {
  const logger = createLogger('test', 'silent')
  return connectPermissions({ address: '127.0.0.1:1', token: 'secret', ca: null, plaintext: true, logger })
}

it('a client that was closed is unavailable, not broken: a request may outlive the drain', async () => {
  const client = connect()
  await client.close()
  const deadline = Date.now() + 60_000
  await expect(client.read({ ...FILTER, deadline })).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  const once = { tenant: 't', operations: [], idempotencyKey: null, deadline }
  await expect(client.write(once)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  await expect(client.write({ ...once, idempotencyKey: 'k' })).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})

it('a call that waits for the service ends with the client, long before its deadline', async () => {
  const client = connect()
  const waiting = client.read({ ...FILTER, deadline: Date.now() + 60_000 })
  const ended = waiting.catch((error: unknown) => error)
  await client.close()
  expect(await ended).toMatchObject({ reason: 'UNAVAILABLE' })
})
