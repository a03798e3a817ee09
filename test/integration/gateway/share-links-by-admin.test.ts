import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'

describe.each(ENGINES)('share links that administrators made on %s', (engine) => {
  let system: TestSystem
  beforeAll(async () => {
    system = await TestSystem.start({ engine })
  })
  afterAll(() => system.close())

  it('end when being an administrator opens nothing any more; those of owners do not', async () => {
    const admin = await system.as('root', { isAdmin: true })
    const alice = await system.as('alice')
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    const path = `${HOME}/file.txt`
    await alice.ok('write', { path, content: 'the text' })
    const [byAdmin, byOwner] = await Promise.all(
      [admin, alice].map((client) => client.ok<{ readonly link_id: string }>('create_share_link', { path })),
    )
    const opened = await alice.ok<{ readonly download_url: string }>('access_share_link', { link_id: byAdmin?.link_id })
    const statuses = async () => {
      const paths = [`/api/share/${byAdmin?.link_id}`, opened.download_url, `/api/share/${byOwner?.link_id}/download`]
      return await Promise.all(paths.map(async (one) => (await system.client(null).raw(one)).status))
    }
    expect(await statuses()).toEqual([200, 200, 200])
    await system.restartGateway({ allowAdminBypass: false })
    expect(await statuses()).toEqual([404, 404, 200])
    await system.restartGateway()
    expect(await statuses()).toEqual([200, 200, 200])
  })
})
