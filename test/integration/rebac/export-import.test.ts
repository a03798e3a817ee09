import { expect, it } from 'vitest'
import type { Relationship } from '../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import {
  ExportRelationshipsRequest,
  type ExportRelationshipsResponse,
  type ImportRelationshipsResponse,
} from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { filter, message, relationship } from './support/wire.ts'

type Message = { tenant?: string; relationships: Relationship[] }

function importAll(client: TestClient, messages: readonly Message[]): Promise<ImportRelationshipsResponse> {
  return new Promise((resolve, reject) => {
    const stream = client.raw.importRelationships(client.metadata, (error, response) => {
      if (error === null) resolve(response)
      else reject(error)
    })
    for (const { tenant = 'acme', relationships } of messages) stream.write({ tenant, relationships })
    stream.end()
  })
}

/** The messages of an export, up to the first that `until` accepts. */
async function exportAll(
  client: TestClient,
  fields: Partial<ExportRelationshipsRequest> = {},
  until: (count: number) => boolean = () => false,
): Promise<ExportRelationshipsResponse[]> {
  const request = message(ExportRelationshipsRequest, { tenant: 'acme', filter: filter(), ...fields })
  const stream = client.raw.exportRelationships(request, client.metadata)
  const messages: ExportRelationshipsResponse[] = []
  for await (const response of stream as AsyncIterable<ExportRelationshipsResponse>) {
    messages.push(response)
    if (until(messages.length)) break
  }
  return messages
}

const rows = (messages: readonly ExportRelationshipsResponse[]) =>
  messages.flatMap(({ relationships }) => relationships)

describeOnEachEngine('Export and import', ({ start, makeUrl }) => {
  const startOne = async (environment = {}) => start({ REBAC_DATABASE_URL: await makeUrl(), ...environment })
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => relationship(`file:/f${index}#direct_viewer@user:u${index}`))

  it('carry everything from one tenant to another, exactly once, over an interruption', async () => {
    const { client } = await startOne()
    const expiresAt = new Date(Date.now() + 3_600_000)
    const all = [...many(12_000), relationship('group:g#member@user:x', { expiresAt, attributes: { raw: 'G' } })]
    const written = await importAll(client, [
      { relationships: all.slice(0, 6_000) },
      { relationships: all.slice(6_000) },
    ])
    expect(written.writtenCount).toBe(12_001)

    const first = await exportAll(client, {}, (count) => count === 1)
    expect(first[0]?.token).toBe(written.token)
    await client.delete({ filter: filter({ objectId: '/f0' }) })
    const rest = await exportAll(client, { cursor: first[0]?.cursor ?? '' })
    expect(rest.at(-1)?.cursor).toBe('')
    const exported = [...rows(first), ...rows(rest)]
    expect(exported).toHaveLength(12_001)
    expect(new Set(exported.map(({ id }) => id)).size).toBe(12_001)

    for (let from = 0; from < exported.length; from += 10_000) {
      await importAll(client, [{ tenant: 'copy', relationships: exported.slice(from, from + 10_000) }])
    }
    const copied = rows(await exportAll(client, { tenant: 'copy' }))
    const what = ({ object, relation, subject, expiresAt: until, attributes }: Relationship) =>
      JSON.stringify([object, relation, subject, until, attributes])
    expect(copied.map(what).toSorted()).toEqual(exported.map(what).toSorted())
    expect(await client.allows('user:u7 read file:/f7', { tenant: 'copy' })).toBe(true)
  }, 60_000)

  it('select by filter, and answer an empty tenant', async () => {
    const { client } = await startOne()
    await importAll(client, [{ relationships: many(10) }])
    const wanted = filter({ objectType: 'file', objectId: '/f3/' })
    expect(rows(await exportAll(client, { filter: wanted }))).toMatchObject([{ object: { id: '/f3' } }])
    expect(await exportAll(client, { tenant: 'empty' })).toMatchObject([{ relationships: [], cursor: '' }])
  })

  it('take each message whole or not at all, and keep those before it', async () => {
    const { client } = await startOne()
    const bad = relationship('file:/x#direct_viewer@user:*')
    const failed = await failureOf(
      importAll(client, [
        { relationships: many(3) },
        { relationships: [relationship('file:/y#direct_viewer@user:y'), { ...bad, object: { type: 'file', id: '' } }] },
        { relationships: [relationship('file:/z#direct_viewer@user:z')] },
      ]),
    )
    expect(failed).toMatchObject({
      code: 3,
      reason: 'INVALID_OBJECT',
      message: expect.stringMatching(/^message 2: relationships\[1\]/),
    })
    expect((await client.read()).relationships.map(({ object }) => object?.id ?? '').toSorted()).toEqual([
      '/f0',
      '/f1',
      '/f2',
    ])
  })

  it('touch: what exists keeps its id', async () => {
    const { client } = await startOne()
    const { written } = await client.grant('file:/f0#direct_viewer@user:u0')
    const answer = await importAll(client, [{ relationships: many(2) }, { relationships: many(2) }])
    expect(answer.writtenCount).toBe(4)
    const { relationships } = await client.read()
    expect(relationships).toHaveLength(2)
    expect(relationships).toContainEqual(written[0])
  })

  it('refuse what they must', async () => {
    const readerSecret = 'reader-secret-0123456789'
    const { client, connect } = await startOne({
      REBAC_TOKENS: `gateway:gateway-secret-0123456789 reader:${readerSecret}:ro:acme`,
    })
    const one = many(1)
    const failure = (messages: readonly Message[], by = client) => failureOf(importAll(by, messages))
    expect(await failure([])).toMatchObject({ reason: 'INVALID_REQUEST' })
    expect(await failure([{ relationships: one }, { tenant: 'beta', relationships: one }])).toMatchObject({
      reason: 'INVALID_REQUEST',
    })
    expect(await failure([{ tenant: 'A', relationships: one }])).toMatchObject({ reason: 'INVALID_TENANT' })
    expect(await failure([{ relationships: [...one, ...one] }])).toMatchObject({ reason: 'DUPLICATE_KEY_IN_REQUEST' })
    expect(await failure([{ relationships: many(10_001) }])).toMatchObject({ reason: 'TOO_MANY_OPERATIONS' })
    const reader = connect(readerSecret)
    expect(await failure([{ relationships: one }], reader)).toMatchObject({ reason: 'TOKEN_NOT_PERMITTED' })
    expect(await failureOf(exportAll(reader, { tenant: 'beta' }))).toMatchObject({ reason: 'TOKEN_NOT_PERMITTED' })
    expect(await failureOf(exportAll(client, { cursor: 'x'.repeat(60) }))).toMatchObject({ reason: 'INVALID_CURSOR' })
    expect(rows(await exportAll(reader))).toHaveLength(1)
  })
})
