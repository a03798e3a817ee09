import { pino } from 'pino'
import { Registry } from 'prom-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { connectPermissions } from '../../../gateway/permissions/rebac-permissions.ts'
import type { NewRelationshipRow, PermissionQuestion, PermissionScope } from '../../../gateway/permissions/contract.ts'
import { SECRET, servicesForSuite, type TestService } from './support/service.ts'

const user = (id: string) => ({ tenant: '', type: 'user', id, relation: '' })

function may(
  id: string,
  relation: string,
  objectId: string,
  fields: Partial<PermissionQuestion> = {},
): PermissionQuestion {
  const base = { tenant: 'acme', objectType: 'file', objectId, alsoAs: [], resolveInheritance: false }
  return { ...base, relation, subject: user(id), ...fields }
}

function row(objectId: string, relation: string, id: string): NewRelationshipRow {
  const condition = { conditionName: '', conditionContext: null }
  return {
    objectType: 'file',
    objectId,
    relation,
    subject: user(id),
    expiresAt: null,
    attributes: { as: id },
    ...condition,
  }
}

const soon = (): number => Date.now() + 5_000
const scope = (fields: Partial<PermissionScope> = {}): PermissionScope => ({
  context: {},
  deadline: soon(),
  atLeastAsFresh: null,
  ...fields,
})

describe('the permissions client', () => {
  const { start, defer } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start()
    await service.client.grant('file:/docs#direct_owner@user:alice')
  })

  const connect = (address = service.address, token = SECRET, registry = new Registry()) => {
    const logger = pino({ level: 'silent' })
    const permissions = connectPermissions({ address, token, ca: null, plaintext: true, logger, registry })
    defer(() => permissions.close())
    return { permissions, registry }
  }

  it('decides in the order of the questions', async () => {
    const { permissions } = connect()
    const questions = [may('bob', 'read', '/docs'), may('alice', 'read', '/docs'), may('alice', 'write', '/docs/a/b')]
    await expect(permissions.check(questions, scope())).resolves.toEqual([false, true, true])
    await expect(permissions.check([], scope())).resolves.toEqual([])
  })

  it('sends equal questions of one turn once', async () => {
    const { permissions, registry } = connect()
    await permissions.check([may('alice', 'read', '/docs')], scope())
    const same = Array.from({ length: 50 }, () => permissions.check([may('alice', 'read', '/docs/x')], scope()))
    const other = permissions.check([may('alice', 'read', '/docs/x')], scope({ context: { ip: '10.0.0.1' } }))
    expect((await Promise.all([...same, other])).flat()).toEqual(Array.from({ length: 51 }, () => true))
    const sample = await registry.getSingleMetric('nexus_permission_questions_total')?.get()
    expect(sample?.values.map(({ labels, value }) => [labels['stage'], value])).toEqual([
      ['asked', 52],
      ['sent', 3],
    ])
  })

  it('sees what was written and what was revoked before it asked', async () => {
    const { permissions } = connect()
    for (let round = 0; round < 20; round += 1) {
      const relationship = row(`/round/${round}`, 'direct_viewer', 'carol')
      const write = { tenant: 'acme', idempotencyKey: null, deadline: soon() }
      // Questions that are on their way must not lend their answers to later ones.
      void permissions.check([may('carol', 'read', `/round/${round}`)], scope())
      await permissions.write({ ...write, operations: [{ kind: 'create', relationship }] })
      await expect(permissions.check([may('carol', 'read', `/round/${round}`)], scope())).resolves.toEqual([true])
      await permissions.write({ ...write, operations: [{ kind: 'delete', relationship }] })
      await expect(permissions.check([may('carol', 'read', `/round/${round}`)], scope())).resolves.toEqual([false])
    }
  })

  it('writes, reads and deletes rows as they are', async () => {
    const { permissions } = connect()
    const relationship = { ...row('/rows/1', 'direct_viewer', 'dora'), expiresAt: soon() + 60_000 }
    const operations = [{ kind: 'create', relationship } as const]
    const { written, token } = await permissions.write({
      tenant: 'rows',
      operations,
      idempotencyKey: 'k1',
      deadline: soon(),
    })
    expect(written).toEqual([{ ...relationship, id: expect.any(String), createdAt: expect.any(Number) }])
    const again = await permissions.write({ tenant: 'rows', operations, idempotencyKey: 'k1', deadline: soon() })
    expect(again).toMatchObject({ written, token })
    await expect(
      permissions.read({ tenant: 'rows', filter: { objectType: 'file' }, deadline: soon() }),
    ).resolves.toEqual(written)
    const filter = { subjectType: 'user', subjectId: 'dora', subjectTenant: '' }
    const deleted = await permissions.deleteMatching({ tenant: 'rows', filter, idempotencyKey: null, deadline: soon() })
    expect(deleted.deletedCount).toBe(1)
    await expect(permissions.read({ tenant: 'rows', filter: {}, deadline: soon() })).resolves.toEqual([])
  })

  it('reads everything, whatever the number of pages', async () => {
    const { permissions } = connect()
    const operations = Array.from({ length: 8_000 }, (_, index) => {
      return { kind: 'create', relationship: row(`/many/${index}`, 'direct_viewer', 'eve') } as const
    })
    await permissions.write({ tenant: 'many', operations, idempotencyKey: null, deadline: soon() })
    const rows = await permissions.read({ tenant: 'many', filter: { objectIdPrefix: '/many/' }, deadline: soon() })
    expect(new Set(rows.map(({ objectId }) => objectId)).size).toBe(8_000)
  })

  it('asks any number of long questions, and refuses those that no stream could carry', async () => {
    const { permissions } = connect()
    const deep = '/docs/' + 'ä'.repeat(500)
    const many = Array.from({ length: 15_000 }, (_, index) => may('alice', 'read', `${deep}${index}`))
    expect((await permissions.check(many, scope())).every(Boolean)).toBe(true)
    const endless = may('alice', 'read', 'x'.repeat(20_000_000))
    await expect(permissions.check([endless], scope())).rejects.toMatchObject({ reason: 'INVALID_OBJECT' })
  })

  it('gives back the reason of the service', async () => {
    const { permissions } = connect()
    const bad = may('alice', 'read', '')
    await expect(permissions.check([bad], scope())).rejects.toMatchObject({
      name: 'NexusError',
      reason: 'INVALID_OBJECT',
    })
    const operations = [{ kind: 'delete', relationship: row('/none', 'direct_viewer', 'eve') } as const]
    const write = permissions.write({ tenant: 'acme', operations, idempotencyKey: null, deadline: soon() })
    await expect(write).rejects.toMatchObject({ reason: 'RELATIONSHIP_NOT_FOUND' })
  })

  it('passes tokens on, and forgets those of another database', async () => {
    const { permissions } = connect()
    const other = await start()
    const foreign = await other.client.grant('file:/a#direct_owner@user:alice')
    const { token } = await service.client.grant('file:/fresh#direct_owner@user:alice')
    const question = may('alice', 'read', '/fresh')
    await expect(permissions.check([question], scope({ atLeastAsFresh: new Map([['acme', token]]) }))).resolves.toEqual(
      [true],
    )
    await expect(
      permissions.check([question], scope({ atLeastAsFresh: new Map([['acme', foreign.token]]) })),
    ).rejects.toMatchObject({
      reason: 'INVALID_TOKEN',
    })
  })

  it('fails closed where nobody answers', async () => {
    const { permissions } = connect('127.0.0.1:1')
    const brief = { deadline: Date.now() + 300 }
    await expect(permissions.check([may('alice', 'read', '/docs')], scope(brief))).rejects.toMatchObject({
      reason: 'UNAVAILABLE',
    })
    const read = permissions.read({ tenant: 'acme', filter: {}, deadline: Date.now() + 300 })
    await expect(read).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    await expect(permissions.healthy(Date.now() + 300)).resolves.toBe(false)
  })

  it('says at once that its secret is refused', async () => {
    const { permissions } = connect(service.address, 'not-the-secret-at-all')
    await expect(permissions.check([may('alice', 'read', '/docs')], scope())).rejects.toMatchObject({
      reason: 'UNAVAILABLE',
    })
    const read = permissions.read({ tenant: 'acme', filter: {}, deadline: Date.now() + 300 })
    await expect(read).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })

  it('waits while the service restarts, and asks again what was lost', async () => {
    const folder = await start()
    const { permissions } = connect(folder.address)
    await folder.client.grant('file:/docs#direct_owner@user:alice')
    await expect(permissions.healthy(soon())).resolves.toBe(true)
    await expect(permissions.check([may('alice', 'read', '/docs')], scope())).resolves.toEqual([true])
    await folder.close()
    const waiting = permissions.check(
      [may('alice', 'read', '/docs'), may('bob', 'read', '/docs')],
      scope({ deadline: soon() + 5_000 }),
    )
    const again = await start({ REBAC_LISTEN: folder.address })
    await again.client.grant('file:/docs#direct_owner@user:alice')
    expect((await waiting)[1]).toBe(false)
    await expect(permissions.check([may('alice', 'read', '/docs')], scope())).resolves.toEqual([true])
  })

  it('refuses work after it was closed', async () => {
    const { permissions } = connect()
    const waiting = permissions.check([may('alice', 'read', '/docs')], scope())
    await permissions.close()
    await expect(waiting).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    await expect(permissions.check([may('alice', 'read', '/docs')], scope())).rejects.toMatchObject({
      reason: 'UNAVAILABLE',
    })
  })
})
