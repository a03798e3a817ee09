import { expect, it } from 'vitest'
import {
  ListIncomingSharesRequest,
  type ListIncomingSharesResponse,
  ListObjectsRequest,
} from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { message, object, operation, subject } from './support/wire.ts'

const list = (
  client: TestClient,
  fields: Partial<ListIncomingSharesRequest> = {},
): Promise<ListIncomingSharesResponse> => {
  const request = message(ListIncomingSharesRequest, { tenant: 'home', subject: object('user:bob'), ...fields })
  return client.unary((...call) => client.raw.listIncomingShares(...call), request)
}

describeOnEachEngine('ListIncomingShares', ({ start, makeUrl }) => {
  it('lists what other tenants share with a subject, until they take it back', async () => {
    const { client, connect } = await start({
      REBAC_DATABASE_URL: await makeUrl(),
      REBAC_TOKENS: 'gateway:gateway-secret-0123456789 home:home-secret-0123456789:ro:home',
    })
    for (let index = 0; index < 5; index += 1) {
      const share = operation('touch', `file:/tenant:t${index}/x#shared-viewer@home/user:bob`)
      await client.write({
        tenant: `t${index}`,
        operations: [share, operation('touch', 'file:/x#direct_viewer@user:bob')],
      })
    }
    const all = await list(connect('home-secret-0123456789'))
    expect(all.shares.map(({ tenant }) => tenant)).toEqual(['t0', 't1', 't2', 't3', 't4'])
    expect(all.shares[0]?.relationship).toMatchObject({
      object: { type: 'file', id: '/tenant:t0/x' },
      relation: 'shared-viewer',
      subject: { tenant: 'home', kind: { $case: 'object', value: { type: 'user', id: 'bob' } } },
    })
    expect(all.nextCursor).toBe('')

    const paged = []
    for (let cursor = ''; ; ) {
      const page = await list(client, { pageSize: 2, cursor })
      paged.push(...page.shares)
      cursor = page.nextCursor
      if (cursor === '') break
    }
    expect(paged).toEqual(all.shares)

    await client.delete({ tenant: 't3', allowFull: true })
    expect((await list(client)).shares.map(({ tenant }) => tenant)).toEqual(['t0', 't1', 't2', 't4'])
    expect((await list(client, { subject: object('user:eve') })).shares).toEqual([])

    const { nextCursor } = await list(client, { pageSize: 1 })
    const cases: readonly (readonly [Partial<ListIncomingSharesRequest>, string])[] = [
      [{ subject: undefined }, 'INVALID_REQUEST'],
      [{ subject: object('user:*') }, 'INVALID_SUBJECT'],
      [{ subject: object(':x') }, 'INVALID_SUBJECT'],
      [{ tenant: '' }, 'INVALID_TENANT'],
      [{ pageSize: 10_001 }, 'INVALID_REQUEST'],
      [{ cursor: nextCursor, subject: object('user:eve') }, 'INVALID_CURSOR'],
      [{ cursor: nextCursor, tenant: 't0' }, 'INVALID_CURSOR'],
    ]
    for (const [fields, reason] of cases) expect(await failureOf(list(client, fields))).toMatchObject({ reason })
    const foreign = failureOf(list(connect('home-secret-0123456789'), { tenant: 't0' }))
    expect(await foreign).toMatchObject({ reason: 'TOKEN_NOT_PERMITTED' })
  })

  it('says with a list of objects that there are none, where that is looked for', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const finds = async (text: string, fields: Partial<ListObjectsRequest> = {}): Promise<readonly boolean[]> => {
      const asked = { tenant: 'home', objectType: 'file', relation: 'read', subject: subject(text) }
      const request = message(ListObjectsRequest, { ...asked, lookForIncomingShares: true, ...fields })
      const found: boolean[] = []
      for await (const { noIncomingShares } of client.raw.listObjects(request, client.metadata))
        found.push(noIncomingShares)
      return found
    }
    const share = 'file:/tenant:away/x#shared-viewer@home/user:bob'
    expect(await finds('user:bob')).toEqual([true])
    expect(await finds('user:bob', { lookForIncomingShares: false })).toEqual([false])
    await client.write({ tenant: 'away', operations: [operation('touch', share)] })
    expect(await finds('user:bob')).toEqual([false])
    expect(await finds('user:eve')).toEqual([true])
    await client.write({ tenant: 'away', operations: [operation('delete', share)] })
    expect(await finds('user:bob')).toEqual([true])
    for (const text of ['user:*', '*', 'group:g#member', 'away/user:bob'])
      expect(await failureOf(finds(text))).toMatchObject({ reason: 'INVALID_SUBJECT' })
  })
})
