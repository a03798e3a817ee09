import { beforeAll, describe, expect, it } from 'vitest'
import {
  ExpandRequest,
  ExplainRequest,
  ListObjectsRequest,
  type ListObjectsResponse,
  ListPermissionsRequest,
  ListSubjectsRequest,
  type ListSubjectsResponse,
} from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { failureOf } from './support/client.ts'
import { servicesForSuite, type TestService } from './support/service.ts'
import { checkRequest, message, object, operation, subject } from './support/wire.ts'

describe('lookups', () => {
  const { start } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start()
    await service.client.grant(
      'file:/docs#direct_owner@user:alice',
      'file:/docs/plan#direct_viewer@group:eng',
      'file:/open#direct_viewer@user:*',
      'group:eng#member@user:bob',
      'agent:alice,helper#inherits_from@user:alice',
    )
    const many = Array.from({ length: 12_000 }, (_, index) =>
      operation('touch', `file:/many/${index}#direct_viewer@user:carol`),
    )
    await service.client.write({ operations: many.slice(0, 6_000) })
    await service.client.write({ operations: many.slice(6_000) })
  })

  const listObjects = async (subjectText: string, fields: Partial<ListObjectsRequest> = {}) => {
    const base = { tenant: 'acme', objectType: 'file', relation: 'read', subject: subject(subjectText) }
    const request = message(ListObjectsRequest, { ...base, ...fields })
    const messages: ListObjectsResponse[] = []
    for await (const response of service.client.raw.listObjects(request, service.client.metadata))
      messages.push(response)
    return { messages, ids: messages.flatMap(({ objects }) => objects.map(({ id }) => id)) }
  }

  it('lists the objects on which a subject has a relation', async () => {
    const { messages, ids } = await listObjects('user:bob')
    expect(ids).toEqual(['/docs/plan', '/open'])
    expect(messages).toMatchObject([{ cursor: '', objects: [{ coversSubtree: true }, { coversSubtree: true }] }])
    expect(messages[0]?.token).not.toBe('')
    expect((await listObjects('user:nobody', { idPrefix: '/docs' })).messages).toMatchObject([
      { objects: [], cursor: '' },
    ])
    expect((await listObjects('agent:alice,helper')).ids).toEqual([])
    expect((await listObjects('agent:alice,helper', { resolveInheritance: true })).ids).toContain('/docs')
  })

  it('says whether there may be more than what is listed and what lies below it', async () => {
    expect((await listObjects('user:bob')).messages).toMatchObject([{ coversAll: true }])
    expect((await listObjects('user:bob', { objectType: 'group', relation: 'member' })).messages).toMatchObject([
      { coversAll: true },
    ])
  })

  it('lists all of many, whole or piece by piece', async () => {
    const whole = await listObjects('user:carol', { idPrefix: '/many/' })
    expect(whole.ids).toHaveLength(12_000)
    expect(new Set(whole.ids).size).toBe(12_000)
    expect(whole.messages).toHaveLength(12)
    const pieces: string[] = []
    for (let cursor = ''; ; ) {
      const piece = await listObjects('user:carol', { idPrefix: '/many/', limit: 4_999, cursor })
      pieces.push(...piece.ids)
      cursor = piece.messages.at(-1)?.cursor ?? ''
      if (cursor === '') break
    }
    expect(pieces).toEqual(whole.ids)
    const resumed = await listObjects('user:carol', { idPrefix: '/many/', cursor: whole.messages[4]?.cursor ?? '' })
    expect(resumed.ids).toEqual(whole.ids.slice(5_000))
    await expect(
      failureOf(listObjects('user:bob', { cursor: whole.messages[0]?.cursor ?? '' })),
    ).resolves.toMatchObject({
      reason: 'INVALID_CURSOR',
    })
  })

  it('lists the subjects of an object, the wildcard among them', async () => {
    const list = async (objectText: string, fields: Partial<ListSubjectsRequest> = {}) => {
      const base = { tenant: 'acme', object: object(objectText), relation: 'read', subjectType: 'user' }
      const messages: ListSubjectsResponse[] = []
      const request = message(ListSubjectsRequest, { ...base, ...fields })
      for await (const response of service.client.raw.listSubjects(request, service.client.metadata))
        messages.push(response)
      return messages.flatMap(({ subjects }) => subjects.map((one) => one.subject))
    }
    expect(await list('file:/docs/plan')).toEqual([subject('user:alice'), subject('user:bob')])
    expect(await list('file:/open')).toEqual([subject('user:*')])
    expect(await list('file:/docs/plan', { subjectType: 'group', subjectRelation: 'member' })).toEqual([
      subject('group:eng#member'),
    ])
    expect(await list('file:/docs/plan', { limit: 1 })).toEqual([subject('user:alice')])
  })

  it('lists every permission of a subject on an object', async () => {
    const list = async (subjectText: string, objectText: string) => {
      const request = message(ListPermissionsRequest, {
        tenant: 'acme',
        subject: subject(subjectText),
        object: object(objectText),
      })
      return (await service.client.listPermissions(request)).relations
    }
    expect(await list('user:alice', 'file:/docs/deep')).toEqual(['execute', 'owner', 'parent_owner', 'read', 'write'])
    expect(await list('user:bob', 'file:/docs/plan')).toEqual(['group_viewer', 'read', 'viewer'])
    expect(await list('user:zoe', 'file:/docs')).toEqual([])
  })

  it('expands a relation into the tree behind it', async () => {
    const request = message(ExpandRequest, { tenant: 'acme', object: object('file:/docs/plan'), relation: 'read' })
    const { tree } = await service.client.expand(request)
    expect(tree).toMatchObject({ operation: 2, object: { type: 'file', id: '/docs/plan' } })
    const text = JSON.stringify(tree)
    expect(text).toContain('"id":"eng"')
    expect(text).toContain('"derived":true')
  })

  it('explains a decision, with the relationship that made it', async () => {
    const explain = (text: string, fields = {}) =>
      service.client.explain(message(ExplainRequest, { check: checkRequest(text, fields) }))
    const allowed = await explain('user:bob read file:/docs/plan')
    expect(allowed).toMatchObject({ decision: 2, root: { outcome: 2, relation: 'read' } })
    expect(JSON.stringify(allowed.root)).toMatch(/"relationship":\{"id":"[0-9a-f-]{36}","object":\{"type":"group"/)
    expect(await explain('user:zoe read file:/docs/plan')).toMatchObject({ decision: 1, root: { outcome: 1 } })
    expect(await explain('user:zoe read file:/docs', { alsoAs: [subject('user:alice')] })).toMatchObject({
      decision: 2,
    })
    expect(await explain('user:zoe read file:/docs', { alsoAs: [subject('user:yan')] })).toMatchObject({ decision: 1 })
  })

  it('refuses what the schema does not know', async () => {
    const tenant = 'closed'
    const model = 'model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define reader: [user]\n'
    await service.client.writeSchema({ tenant, model })
    const expand = (text: string, relation: string) =>
      service.client.expand(message(ExpandRequest, { tenant, object: object(text), relation }))
    expect(await failureOf(expand('file:/x', 'reader'))).toMatchObject({ code: 3, reason: 'UNKNOWN_TYPE' })
    expect(await failureOf(expand('doc:1', 'writer'))).toMatchObject({ code: 3, reason: 'UNKNOWN_RELATION' })
    expect(await failureOf(listObjects('user:a', { tenant }))).toMatchObject({ code: 3, reason: 'UNKNOWN_TYPE' })
    const permissions = message(ListPermissionsRequest, { tenant, subject: subject('bot:a'), object: object('doc:1') })
    const failure = await failureOf(service.client.listPermissions(permissions))
    expect(failure).toMatchObject({ code: 3, reason: 'UNKNOWN_SUBJECT_TYPE' })
  })
})
