import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { AgentRecord } from '../../../gateway/agents/agent-record.ts'
import { agentCacheKey, Authenticator } from '../../../gateway/keys/authenticator.ts'
import { FreshCache } from '../../../gateway/keys/fresh-cache.ts'
import { Guesses } from '../../../gateway/keys/guesses.ts'
import { hashKey, isKeyShaped, makeKey } from '../../../gateway/keys/key-format.ts'
import type { KeyRecord } from '../../../gateway/keys/key-record.ts'
import { LastUsed } from '../../../gateway/keys/last-used.ts'
import { createLogger } from '../../../services/common/log.ts'

const KEY = 'sk-default_alice_aaaaaaaa_11111111111111111111111111111111'
const ADDRESS = '127.0.0.1'
const logger = createLogger('test', 'silent')

type Load = (keys: readonly string[]) => Promise<ReadonlyMap<string, number>>

describe('the format of keys', () => {
  it('is readable in front and random behind', () => {
    expect(makeKey({ tenant: 'a-long-tenant', subjectType: 'user', subjectId: 'administrator' })).toMatch(
      /^sk-a-long-t_administ_[0-9a-f]{8}_[0-9a-f]{32}$/,
    )
    expect(makeKey({ tenant: 'default', subjectType: 'agent', subjectId: 'admin,UntrustedAgent' })).toMatch(
      /^sk-default_admin,Untrus_[0-9a-f]{8}_[0-9a-f]{32}$/,
    )
    expect(isKeyShaped(makeKey({ tenant: 't', subjectType: 'user', subjectId: 'jürgen' }))).toBe(true)
  })

  it('is stored as the HMAC that existing databases have', () => {
    expect(hashKey(KEY)).toBe(createHmac('sha256', 'nexus-api-key-v1').update(KEY).digest('hex'))
  })

  it.each(['', 'sk-short', KEY.slice(3), `sk-${'x'.repeat(300)}`, `${KEY} x`, `${KEY}\u0000`, `${KEY}é`])(
    '%j is no key',
    (key) => {
      expect(isKeyShaped(key)).toBe(false)
    },
  )
})

describe('FreshCache', () => {
  function cache(load: Load) {
    const clock = { now: 1_000 }
    return { clock, cache: new FreshCache<number>({ load, maxAgeMs: 900, maxEntries: 3, now: () => clock.now }) }
  }

  it('asks once for everyone who waits, and again only when the answer is old', async () => {
    const load = vi.fn<Load>((keys) => Promise.resolve(new Map(keys.map((key) => [key, key.length]))))
    const { clock, cache: values } = cache(load)
    expect(await Promise.all([values.get('a'), values.get('a'), values.get('bb')])).toEqual([1, 1, 2])
    expect(load.mock.calls).toEqual([[['a', 'bb']]])
    clock.now += 899
    expect(values.get('a')).toBe(1)
    clock.now += 1
    expect(await values.get('a')).toBe(1)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('has one query at a time, however many unknown keys come', async () => {
    let running = 0
    let most = 0
    const load = vi.fn<Load>(async () => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      return new Map<string, number>()
    })
    const { cache: values } = cache(load)
    const answers = await Promise.all(Array.from({ length: 2_000 }, async (_, index) => values.get(`key ${index}`)))
    expect(answers.every((answer) => answer === null)).toBe(true)
    expect(most).toBe(1)
    expect(load.mock.calls.length).toBeLessThanOrEqual(4)
  })

  it('remembers that there is none, and forgets on demand', async () => {
    let known = new Map<string, number>()
    const load = vi.fn<Load>(() => Promise.resolve(known))
    const { cache: values } = cache(load)
    expect(await values.get('a')).toBeNull()
    known = new Map([['a', 1]])
    expect(values.get('a')).toBeNull()
    values.forget('a')
    expect(await values.get('a')).toBe(1)
  })

  it('passes a failure to those who wait, and tries again for the next', async () => {
    const load = vi
      .fn<Load>()
      .mockRejectedValueOnce(new Error('down'))
      .mockResolvedValue(new Map([['a', 1]]))
    const { cache: values } = cache(load)
    await expect(values.get('a')).rejects.toThrow('down')
    expect(await values.get('a')).toBe(1)
  })
})

describe('LastUsed', () => {
  it('writes the last use of all keys at once, and not again', async () => {
    const save = vi.fn<(used: unknown) => Promise<void>>(() => Promise.resolve())
    const lastUsed = new LastUsed({ save, logger, intervalMs: 3_600_000 })
    lastUsed.note('a', 1)
    lastUsed.note('b', 2)
    lastUsed.note('a', 3)
    await lastUsed.flush()
    await lastUsed.close()
    expect(save.mock.calls).toEqual([
      [
        [
          ['a', 3],
          ['b', 2],
        ],
      ],
    ])
  })

  it('does not fail when the database does', async () => {
    const lastUsed = new LastUsed({ save: () => Promise.reject(new Error('down')), logger, intervalMs: 3_600_000 })
    lastUsed.note('a', 1)
    await expect(lastUsed.close()).resolves.toBeUndefined()
  })
})

describe('who calls', () => {
  const alice: KeyRecord = {
    keyId: 'k1',
    keyHash: hashKey(KEY),
    tenant: 'default',
    userId: 'alice',
    subjectType: 'user',
    subjectId: 'alice',
    name: '',
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: false,
    createdAt: 0,
    expiresAt: null,
    revokedAt: null,
  }
  const agent = (id: string, userId: string): AgentRecord => ({
    tenant: 'default',
    agentId: id,
    userId,
    name: '',
    description: null,
    inheritPermissions: true,
    metadata: {},
    configPath: '',
    createdAt: 0,
  })

  function authenticator(key: Partial<KeyRecord> = {}, refused: readonly string[] = []): Authenticator {
    const agents = [agent('alice,helper', 'alice'), agent('bob,spy', 'bob')]
    const cache = <V>(values: readonly (readonly [string, V])[]) =>
      new FreshCache<V>({ load: () => Promise.resolve(new Map(values)), maxAgeMs: 900, maxEntries: 10 })
    return new Authenticator({
      keys: cache([[alice.keyHash, { ...alice, ...key }] as const]),
      agents: cache(agents.map((one) => [agentCacheKey('default', one.agentId), one] as const)),
      lastUsed: new LastUsed({ save: () => Promise.resolve(), logger, intervalMs: 3_600_000 }),
      sessions: { find: () => Promise.resolve(null), tokenOf: () => Promise.reject(new Error('none')) },
      guesses: new Guesses(),
      refusedHashes: new Set(refused),
    })
  }
  const bearer = `Bearer ${KEY}`
  const unauthenticated = expect.objectContaining({
    reason: 'UNAUTHENTICATED',
    message: 'Invalid or missing API key',
  }) as Error

  it('is the user of the key', async () => {
    expect(await authenticator().authenticate(bearer, undefined, 5, ADDRESS)).toMatchObject({
      tenant: 'default',
      user: 'alice',
      agentId: null,
      isAdmin: false,
      subject: { type: 'user', id: 'alice', tenant: '', relation: '' },
    })
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer sk-x',
    `Basic ${KEY}`,
    KEY,
    `Bearer ${KEY.replace('1', '2')}`,
    `${bearer} ${KEY}`,
  ])('is nobody for %j', async (header) => {
    await expect(authenticator().authenticate(header, undefined, 5, ADDRESS)).rejects.toThrowError(unauthenticated)
  })

  it.each([{ revokedAt: 1 }, { expiresAt: 5 }, { expiresAt: 4 }])('is nobody if the key has %j', async (key) => {
    await expect(authenticator(key).authenticate(bearer, undefined, 5, ADDRESS)).rejects.toThrowError(unauthenticated)
  })

  it('is nobody for a key that production refuses', async () => {
    await expect(authenticator({}, [alice.keyHash]).authenticate(bearer, undefined, 5, ADDRESS)).rejects.toThrowError(
      unauthenticated,
    )
  })

  it('acts as an agent of its own, never as an administrator', async () => {
    const caller = await authenticator({ isAdmin: true, isGlobalAdmin: true }).authenticate(
      bearer,
      'alice,helper',
      5,
      ADDRESS,
    )
    expect(caller).toMatchObject({
      subject: { type: 'agent', id: 'alice,helper' },
      agentId: 'alice,helper',
      user: 'alice',
      isAdmin: false,
      isGlobalAdmin: false,
    })
  })

  it('is told the same of an agent of somebody else and of none at all', async () => {
    const denial = async (id: string) =>
      await authenticator()
        .authenticate(bearer, id, 5, ADDRESS)
        .catch((error: Error) => error.message)
    expect(await denial('bob,spy')).toBe(await denial('alice,nobody'))
    expect(await denial('bob,spy')).toMatch(/^Access denied/)
  })

  it('an agent key is that agent and no other', async () => {
    const key = { subjectType: 'agent', subjectId: 'alice,helper', isAdmin: true }
    expect(await authenticator(key).authenticate(bearer, 'alice,helper', 5, ADDRESS)).toMatchObject({
      agentId: 'alice,helper',
      isAdmin: false,
    })
    await expect(authenticator(key).authenticate(bearer, 'alice,other', 5, ADDRESS)).rejects.toThrowError(
      expect.objectContaining({ reason: 'ACCESS_DENIED' }),
    )
  })
})
