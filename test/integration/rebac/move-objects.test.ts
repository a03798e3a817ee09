import { expect, it } from 'vitest'
import { MoveObjectsRequest, type MoveObjectsResponse } from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { message } from './support/wire.ts'

const move = (
  client: TestClient,
  fromId: string,
  toId: string,
  fields: Partial<MoveObjectsRequest> = {},
): Promise<MoveObjectsResponse> => {
  const request = message(MoveObjectsRequest, { tenant: 'acme', objectType: 'file', fromId, toId, ...fields })
  return client.unary((...call) => client.raw.moveObjects(...call), request)
}

describeOnEachEngine('MoveObjects', ({ start, makeUrl }) => {
  const startOne = async (more = {}) => start({ REBAC_DATABASE_URL: await makeUrl(), ...more })

  it('takes permissions along, at once, and frees the old place', async () => {
    const { client } = await startOne()
    await client.grant(
      'file:/a/b#direct_owner@user:alice',
      'file:/a#direct_viewer@user:bob',
      'file:/q#direct_owner@user:eve',
    )
    const first = await move(client, '/a/', '/q')
    expect(first).toMatchObject({ movedCount: 2, deletedCount: 1 })
    expect(await client.allows('user:alice write file:/q/b/deep')).toBe(true)
    expect(await client.allows('user:bob read file:/q/b')).toBe(true)
    expect(await client.allows('user:eve read file:/q')).toBe(false)
    expect(await client.allows('user:alice write file:/a/b')).toBe(false)
    const again = await move(client, '/nothing', '/r')
    expect(again).toEqual({ token: first.token, revision: first.revision, movedCount: 0, deletedCount: 0 })
  })

  it('answers a repeated request from its key', async () => {
    const { client } = await startOne()
    await client.grant('file:/a#direct_owner@user:alice')
    const first = await move(client, '/a', '/b', { idempotencyKey: 'k' })
    await client.grant('file:/a#direct_owner@user:bob')
    expect(await move(client, '/a', '/b', { idempotencyKey: 'k' })).toEqual(first)
    expect(await client.allows('user:alice read file:/b')).toBe(true)
    expect(await client.allows('user:bob read file:/a')).toBe(true)
    const reused = await failureOf(move(client, '/a', '/c', { idempotencyKey: 'k' }))
    expect(reused).toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('refuses what cannot be moved, and says why', async () => {
    const { client, connect } = await startOne({
      REBAC_TOKENS: 'gateway:gateway-secret-0123456789 reader:reader-secret-0123456789:ro',
    })
    await client.grant('file:/a/b#direct_owner@user:alice')
    const cases: readonly (readonly [string, string, Partial<MoveObjectsRequest>, string])[] = [
      ['g', 'h', { objectType: 'group' }, 'INVALID_REQUEST'],
      ['/a', '/b', { objectType: 'nosuch' }, 'INVALID_REQUEST'],
      ['/a', '/a/', {}, 'INVALID_REQUEST'],
      ['/a', '/a/b/c', {}, 'INVALID_REQUEST'],
      ['/a/b', '/a', {}, 'INVALID_REQUEST'],
      ['/', '/a', {}, 'INVALID_REQUEST'],
      ['/a', '/', {}, 'INVALID_REQUEST'],
      ['', '/a', {}, 'INVALID_OBJECT'],
      ['*', '/a', {}, 'INVALID_OBJECT'],
      ['/a', `/${'x'.repeat(1_100)}`, {}, 'INVALID_OBJECT'],
      ['/a', `/${'x'.repeat(1_022)}`, {}, 'INVALID_OBJECT'],
      ['/a', '/b', { tenant: '' }, 'INVALID_TENANT'],
      ['/a', '/b', { idempotencyKey: 'k'.repeat(129) }, 'INVALID_REQUEST'],
    ]
    for (const [fromId, toId, fields, reason] of cases) {
      expect(await failureOf(move(client, fromId, toId, fields)), `${fromId} to ${toId}`).toMatchObject({
        code: 3,
        reason,
      })
    }
    const reader = connect('reader-secret-0123456789')
    expect(await failureOf(move(reader, '/a', '/b'))).toMatchObject({ reason: 'TOKEN_NOT_PERMITTED' })
    expect(await client.allows('user:alice write file:/a/b')).toBe(true)
  })
})
