import { beforeAll, expect, it } from 'vitest'
import type { Relationship } from '../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import { failureOf } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import type { TestService } from './support/service.ts'
import { filter, operation, subject } from './support/wire.ts'

const ids = (relationships: readonly Relationship[]) => relationships.map(({ object }) => object?.id)

describeOnEachEngine('4.1 relationships', ({ start, makeUrl }) => {
  let service: TestService
  beforeAll(async () => {
    service = await start({ REBAC_DATABASE_URL: await makeUrl() })
  })

  it('gives back what was written, with an id and a time', async () => {
    const fields = {
      attributes: { note: 'hä', deep: [1, null, { a: true }] },
      expiresAt: new Date(Date.now() + 60_000),
    }
    const operations = [
      operation('create', 'file:/w/1#direct_viewer@user:alice', fields),
      operation('touch', 'group:g#member@user:*'),
    ]
    const { written } = await service.client.write({ tenant: 'written', operations })
    expect(written).toHaveLength(2)
    expect(written[0]).toMatchObject({
      ...fields,
      relation: 'direct_viewer',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(written[1]?.subject).toEqual(subject('user:*'))
    const { relationships } = await service.client.read({ tenant: 'written' })
    expect(relationships).toEqual(written)
  })

  it('keeps id and time of creation when touched', async () => {
    const first = await service.client.grant('file:/t#direct_viewer@user:alice')
    const operations = [operation('touch', 'file:/t#direct_viewer@user:alice', { attributes: { n: 2 } })]
    const second = await service.client.write({ operations })
    expect(second.written[0]).toEqual({ ...first.written[0], attributes: { n: 2 } })
  })

  it('stores ids of hierarchical types in one form, and derived relationships not at all', async () => {
    const tenant = 'tree'
    const operations = ['file:/a/#direct_owner@user:x', 'file:/a/b#parent@file:/a', 'file:/a#parent@file:/'].map(
      (text) => operation('touch', text),
    )
    const { written, token } = await service.client.write({ tenant, operations })
    expect(ids(written)).toEqual(['/a'])
    const derived = [operation('create', 'file:/a/b#parent@file:/a/')]
    expect((await service.client.write({ tenant, operations: derived })).token).toBe(token)
    expect(
      ids(
        (await service.client.read({ tenant, filter: filter({ objectType: 'file', objectId: '/a//' }) })).relationships,
      ),
    ).toEqual(['/a'])
  })

  it('gives the same token to a write that changes nothing', async () => {
    const operations = [operation('deleteIfExists', 'file:/none#direct_viewer@user:x')]
    const { token } = await service.client.grant('file:/same#direct_viewer@user:x')
    const nothing = await service.client.write({ operations })
    expect(nothing).toMatchObject({ token, deletedCount: 0 })
  })

  it('answers a repeated idempotency key with the first answer', async () => {
    const write = { operations: [operation('create', 'file:/i#direct_viewer@user:x')], idempotencyKey: 'once' }
    const first = await service.client.write(write)
    await service.client.revoke('file:/i#direct_viewer@user:x')
    expect(await service.client.write(write)).toEqual(first)
    await expect(service.client.allows('user:x read file:/i')).resolves.toBe(false)
    const other = { ...write, operations: [operation('create', 'file:/j#direct_viewer@user:x')] }
    expect(await failureOf(service.client.write(other))).toMatchObject({ code: 6, reason: 'IDEMPOTENCY_KEY_REUSED' })
    await service.client.write({ ...write, tenant: 'elsewhere' })
  })

  it('applies one of many equal writes at once, and answers all alike', async () => {
    const write = { operations: [operation('create', 'file:/race#direct_viewer@user:x')], idempotencyKey: 'race' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.client.write(write)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  it('tests preconditions in the transaction of the write', async () => {
    const lock = filter({ objectId: '/lock', relations: ['direct_owner'] })
    const take = (user: string) =>
      service.client.write({
        operations: [operation('create', `file:/lock#direct_owner@user:${user}`)],
        preconditions: [{ condition: { $case: 'mustNotMatch', value: lock } }],
      })
    const taken = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => take(`u${index}`)))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('pages through everything that matches, once each', async () => {
    const tenant = 'pages'
    const texts = Array.from(
      { length: 250 },
      (_, index) => `file:/p/${String(index).padStart(3, '0')}#direct_viewer@user:x`,
    )
    await service.client.write({ tenant, operations: texts.map((text) => operation('create', text)) })
    const seen: (string | undefined)[] = []
    const request = { tenant, pageSize: 99, filter: filter({ objectIdPrefix: '/p/' }) }
    for (let cursor = ''; ; ) {
      const page = await service.client.read({ ...request, cursor })
      seen.push(...ids(page.relationships))
      if (page.nextCursor === '') break
      cursor = page.nextCursor
    }
    expect(seen.map(String).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      Array.from({ length: 250 }, (_, index) => `/p/${String(index).padStart(3, '0')}`),
    )
    expect(seen).toHaveLength(250)
    const { nextCursor } = await service.client.read(request)
    const elsewhere = { ...request, cursor: nextCursor }
    for (const misuse of [
      { ...elsewhere, filter: filter() },
      { ...elsewhere, tenant: 'acme' },
    ]) {
      expect(await failureOf(service.client.read(misuse))).toMatchObject({ code: 3, reason: 'INVALID_CURSOR' })
    }
  })

  it('cuts a page before it grows too large to be sent', async () => {
    const tenant = 'large'
    const operations = Array.from({ length: 1_500 }, (_, index) =>
      operation('create', `file:/${index}#direct_viewer@user:x`, { attributes: { text: 'x'.repeat(4_000) } }),
    )
    await service.client.write({ tenant, operations: operations.slice(0, 750) })
    await service.client.write({ tenant, operations: operations.slice(750) })
    const { relationships, nextCursor } = await service.client.read({ tenant, pageSize: 10_000 })
    expect(relationships.length).toBeGreaterThan(300)
    expect(relationships.length).toBeLessThan(1_000)
    expect(nextCursor).not.toBe('')
  })

  it('deletes everything that matches in one revision, and everything only on demand', async () => {
    const tenant = 'deleting'
    const operations = ['a#direct_viewer@user:x', 'b#direct_viewer@user:x', 'b#direct_viewer@user:y']
      .concat('a#direct_viewer@user:z1', 'b#direct_viewer@user:z')
      .map((text) => `file:/${text}`)
    await service.client.write({ tenant, operations: operations.map((text) => operation('create', text)) })
    const aboutX = filter({ subject: { tenant: '', type: 'user', id: 'x', idPrefix: '' } })
    expect((await service.client.delete({ tenant, filter: aboutX })).deletedCount).toBe(2)
    await expect(service.client.allows('user:y read file:/b', { tenant })).resolves.toBe(true)
    const aboutZs = filter({ subject: { tenant: '', type: 'user', id: '', idPrefix: 'z' } })
    expect((await service.client.delete({ tenant, filter: aboutZs })).deletedCount).toBe(2)
    expect((await service.client.delete({ tenant, allowFull: true })).deletedCount).toBe(1)
    await expect(service.client.allows('user:y read file:/b', { tenant })).resolves.toBe(false)
  })

  it('counts an expired relationship as absent', async () => {
    const expiresAt = new Date(Date.now() - 1_000)
    const operations = [operation('create', 'file:/old#direct_viewer@user:x', { expiresAt })]
    await service.client.write({ operations })
    await expect(service.client.allows('user:x read file:/old')).resolves.toBe(false)
    expect((await service.client.read({ filter: filter({ objectId: '/old' }) })).relationships).toEqual([])
    await service.client.write({ operations: [operation('create', 'file:/old#direct_viewer@user:x')] })
    await expect(service.client.allows('user:x read file:/old')).resolves.toBe(true)
  })

  it('shares with a plain subject of another tenant', async () => {
    await service.client.grant('file:/tenant:acme/s#shared-viewer@beta/user:eve')
    await expect(service.client.allows('beta/user:eve read file:/tenant:acme/s/below')).resolves.toBe(true)
    await expect(service.client.allows('user:eve read file:/tenant:acme/s')).resolves.toBe(false)
  })

  it('keeps tenants apart', async () => {
    await service.client.grant('file:/mine#direct_owner@user:alice')
    await expect(service.client.allows('user:alice read file:/mine', { tenant: 'beta' })).resolves.toBe(false)
    expect((await service.client.read({ tenant: 'beta' })).relationships).toEqual([])
  })

  it('survives a thousand writers that all read what they wrote', async () => {
    const each = async (index: number) => {
      const text = `file:/many/${index}#direct_viewer@user:u${index}`
      await service.client.grant(text)
      const seen = await service.client.allows(`user:u${index} read file:/many/${index}`)
      if (index % 2 === 0) await service.client.revoke(text)
      return seen && (await service.client.allows(`user:u${index} read file:/many/${index}`)) === (index % 2 === 1)
    }
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, (_, index) => each(index)))
    expect(outcomes.every(Boolean)).toBe(true)
  })
})
