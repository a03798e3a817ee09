import { expect, it } from 'vitest'
import { DiffSchemaRequest, type DiffSchemaResponse } from '../../../services/common/gen/nexus/rebac/v1/schema.ts'
import { failureOf, type TestClient } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { message, operation } from './support/wire.ts'

const FIRST = `model
  schema 1.1
type user
type old
type doc
  relations
    define viewer: [user, user:*] or editor
    define editor: [user with weekday]
    define gone: [user]
condition weekday(day: string) {
  day != "sunday"
}
condition unused(x: int) {
  x > 0
}`
/** The order of what `viewer` accepts is another one. */
const SECOND = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type doc
  relations
    define viewer: [user:*, user] or editor
    define editor: [user, user with weekday]
    define fresh: [group#member]
condition weekday(day: string) {
  day == "monday"
}
condition added(x: int) {
  x > 0
}`

const diff = (client: TestClient, fields: Partial<DiffSchemaRequest>): Promise<DiffSchemaResponse> => {
  return client.unary(
    (...call) => client.raw.diffSchema(...call),
    message(DiffSchemaRequest, { tenant: 'acme', ...fields }),
  )
}
const candidate = (model: string, hierarchies: { type: string; relation: string; separator: string }[] = []) =>
  ({ $case: 'candidate', value: { format: 1, model, hierarchies } }) as const

const KINDS = ['', 'added', 'removed', 'changed']
const texts = ({ changes }: DiffSchemaResponse) =>
  changes.map(
    ({ kind, type, relation, condition }) => `${KINDS[kind]} ${[type, relation, condition].filter(Boolean).join('#')}`,
  )

describeOnEachEngine('DiffSchema', ({ start, makeUrl }) => {
  it('says what would change, and what would be stranded, and changes nothing', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const { schemaVersion: first } = await client.writeSchema({ model: FIRST })
    const operations = [
      operation('touch', 'doc:1#viewer@user:alice'),
      ...Array.from({ length: 150 }, (_, index) => operation('touch', `doc:1#gone@user:u${index}`)),
    ]
    const { token } = await client.write({ operations })

    const answer = await diff(client, { to: candidate(SECOND) })
    expect(texts(answer)).toEqual([
      'changed doc#editor',
      'added doc#fresh',
      'removed doc#gone',
      'added group',
      'removed old',
      'added added',
      'removed unused',
      'changed weekday',
    ])
    expect(answer.strandedCount).toBe(150)
    expect(answer.stranded).toHaveLength(100)
    expect(answer.stranded[0]).toMatchObject({ object: { type: 'doc', id: '1' }, relation: 'gone' })
    expect(await client.readSchema()).toMatchObject({ schemaVersion: first, token })

    const { schemaVersion: second } = await client.writeSchema({ model: SECOND, force: true })
    const backwards = await diff(client, { fromVersion: second, to: { $case: 'toVersion', value: first } })
    expect(texts(backwards)).toContain('added doc#gone')
    expect(backwards.strandedCount).toBe(0)
    const itself = await diff(client, { to: { $case: 'toVersion', value: second } })
    expect(texts(itself)).toEqual([])
    expect(itself.strandedCount).toBe(150)
  })

  it('shows a hierarchy as a change of the relation that it derives', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    const model = `model\n  schema 1.1\ntype user\ntype dir\n  relations\n    define parent: [dir]\n    define viewer: [user] or viewer from parent\n`
    await client.writeSchema({ model })
    const answer = await diff(client, { to: candidate(model, [{ type: 'dir', relation: 'parent', separator: '/' }]) })
    expect(texts(answer)).toEqual(['changed dir#parent'])
  })

  it('refuses what it cannot compare', async () => {
    const { client } = await start({ REBAC_DATABASE_URL: await makeUrl() })
    expect(await failureOf(diff(client, {}))).toMatchObject({ reason: 'INVALID_REQUEST' })
    expect(await failureOf(diff(client, { to: candidate('model') }))).toMatchObject({ reason: 'INVALID_SCHEMA' })
    const unknown = { $case: 'toVersion', value: 'nosuch' } as const
    expect(await failureOf(diff(client, { to: unknown }))).toMatchObject({ reason: 'SCHEMA_VERSION_NOT_FOUND' })
    expect(await failureOf(diff(client, { tenant: 'A', to: unknown }))).toMatchObject({ reason: 'INVALID_TENANT' })
  })
})
