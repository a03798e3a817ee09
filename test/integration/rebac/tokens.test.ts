import { beforeAll, describe, expect, it } from 'vitest'
import type { Consistency } from '../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import { TokenCodec } from '../../../services/rebac/api/tokens.ts'
import type { StoreIdentity } from '../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { failureOf } from './support/client.ts'
import { servicesForSuite, type TestService } from './support/service.ts'
import { checkRequest } from './support/wire.ts'

const QUESTION = 'user:alice read file:/docs'
const atLeast = (value: string): Consistency => ({ requirement: { $case: 'atLeastAsFresh', value } })
const exactly = (value: string): Consistency => ({ requirement: { $case: 'atExactSnapshot', value } })

describe('4.2 consistency tokens', () => {
  const { start, makeFolder } = servicesForSuite()
  let service: TestService
  let identity: StoreIdentity
  let older: string
  let newest: string
  beforeAll(async () => {
    const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
    identity = store.identity
    service = await start({}, { store })
    older = (await service.client.grant('file:/first#direct_owner@user:alice')).token
    newest = (await service.client.grant('file:/docs#direct_owner@user:alice')).token
  })
  const failure = (consistency: Consistency, tenant = 'acme') =>
    failureOf(service.client.check(checkRequest(QUESTION, { tenant, consistency })))

  it('answers at least as fresh, and says at what it answered', async () => {
    for (const token of [older, newest]) {
      const answer = await service.client.check(checkRequest(QUESTION, { consistency: atLeast(token) }))
      expect(answer).toEqual({ decision: 2, token: newest })
    }
  })

  it('is the same for the same revision, and another for each change', () => {
    expect(older).not.toBe(newest)
    expect(newest).toMatch(/^[\w-]+$/)
  })

  it('answers at exact revisions', async () => {
    await expect(service.client.allows(QUESTION, { consistency: exactly(newest) })).resolves.toBe(true)
    await expect(service.client.allows(QUESTION, { consistency: exactly(older) })).resolves.toBe(false)
  })

  it('refuses a token of another tenant', async () => {
    expect(await failure(atLeast(newest), 'beta')).toMatchObject({ code: 3, reason: 'INVALID_TOKEN' })
  })

  it('refuses every change of a token', async () => {
    const middle = newest.length >> 1
    const changed = `${newest.slice(0, middle)}${newest[middle] === 'A' ? 'B' : 'A'}${newest.slice(middle + 1)}`
    for (const token of ['', 'x', changed, `${newest}A`, newest.slice(0, -1), newest.toUpperCase(), `${newest}=`]) {
      expect(await failure(atLeast(token))).toMatchObject({ code: 3, reason: 'INVALID_TOKEN' })
    }
  })

  it('refuses a token from before a restore', async () => {
    const restored = new TokenCodec({ ...identity, epoch: 'another' })
    expect(await failure(atLeast(restored.token('acme', 1)))).toMatchObject({ code: 9, reason: 'TOKEN_EPOCH' })
  })

  it('refuses a token that is newer than the database', async () => {
    const future = new TokenCodec(identity).token('acme', 1_000)
    for (const consistency of [atLeast(future), exactly(future)]) {
      expect(await failure(consistency)).toMatchObject({ code: 11, reason: 'TOKEN_FROM_FUTURE' })
    }
    const read = service.client.read({ consistency: atLeast(future) })
    expect(await failureOf(read)).toMatchObject({ reason: 'TOKEN_FROM_FUTURE' })
  })

  it('refuses a token of a database with another key', async () => {
    const foreign = new TokenCodec({ ...identity, tokenKey: new Uint8Array(32) })
    expect(await failure(atLeast(foreign.token('acme', 1)))).toMatchObject({ reason: 'INVALID_TOKEN' })
  })

  it('takes no cursor for a token, and no token for a cursor', async () => {
    const codec = new TokenCodec(identity)
    const cursor = codec.cursor('acme', { revision: 1, position: 'x' }, 'hash')
    expect(await failure(atLeast(cursor))).toMatchObject({ reason: 'INVALID_TOKEN' })
    expect(await failureOf(service.client.read({ cursor: newest }))).toMatchObject({ reason: 'INVALID_CURSOR' })
    expect(codec.readCursor(cursor, 'acme', 'hash')).toEqual({ revision: 1, position: 'x' })
  })

  it('holds after a restart', async () => {
    const NEXUS_DATA_DIR = await makeFolder()
    const first = await start({ NEXUS_DATA_DIR })
    const { token } = await first.client.grant('file:/docs#direct_owner@user:alice')
    await first.close()
    const second = await start({ NEXUS_DATA_DIR })
    await expect(second.client.allows(QUESTION, { consistency: atLeast(token) })).resolves.toBe(true)
  })
})
