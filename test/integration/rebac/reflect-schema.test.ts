import { describe, expect, it } from 'vitest'
import { failureOf } from './support/client.ts'
import { servicesForSuite } from './support/service.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type doc
  relations
    define parent: [doc]
    define viewer: [user with office, group#member, user:*] or viewer from parent
    define read: viewer
condition office(ip: ipaddress, ranges: list<string>) {
  ranges.exists(range, ip.in_cidr(range))
}
`

describe('ReflectSchema', () => {
  const { start } = servicesForSuite()

  it('tells types, relations, conditions, hierarchies and who can reach what', async () => {
    const { client } = await start()
    const hierarchies = [{ type: 'doc', relation: 'parent', separator: '/' }]
    const { schemaVersion } = await client.writeSchema({ model: MODEL, hierarchies })
    const reflected = await client.reflectSchema()
    expect(reflected).toMatchObject({ schemaVersion, open: false, hierarchies })
    expect(reflected.types.map(({ name, relations }) => [name, relations.map((one) => one.name)])).toEqual([
      ['user', []],
      ['group', ['member']],
      ['doc', ['parent', 'viewer', 'read']],
    ])
    const kind = (type: string, fields = {}) => ({ type, relation: '', wildcard: false, condition: '', ...fields })
    const viewers = [
      kind('doc', { relation: 'viewer' }),
      kind('group', { relation: 'member' }),
      kind('user'),
      kind('user', { wildcard: true }),
    ]
    const doc = (await client.reflectSchema({ objectTypes: ['doc'], schemaVersion })).types
    const base = { direct: true, computed: false, derived: false, acceptsAny: false, reachableByAny: false }
    expect(doc).toEqual([
      {
        name: 'doc',
        relations: [
          { ...base, name: 'parent', derived: true, directTypes: [kind('doc')], reachableBy: [kind('doc')] },
          {
            ...base,
            name: 'viewer',
            computed: true,
            directTypes: [
              kind('user', { condition: 'office' }),
              kind('group', { relation: 'member' }),
              kind('user', { wildcard: true }),
            ],
            reachableBy: viewers,
          },
          { ...base, name: 'read', direct: false, computed: true, directTypes: [], reachableBy: viewers },
        ],
      },
    ])
    expect(reflected.conditions).toEqual([
      {
        name: 'office',
        parameters: [
          { name: 'ip', type: 'ipaddress' },
          { name: 'ranges', type: 'list<string>' },
        ],
        expression: 'ranges.exists(range, ip.in_cidr(range))',
      },
    ])
  })

  it('tells of the built-in schema, and refuses what is not there', async () => {
    const { client } = await start()
    const builtIn = await client.reflectSchema({ tenant: 'plain' })
    expect(builtIn).toMatchObject({ schemaVersion: 'default', open: true })
    expect(builtIn.conditions).toEqual([{ name: 'nexus_abac', parameters: [], expression: '' }])
    const read = builtIn.types.find(({ name }) => name === 'file')?.relations.find(({ name }) => name === 'read')
    expect(read).toMatchObject({ direct: false, computed: true, reachableByAny: true })
    expect(await failureOf(client.reflectSchema({ objectTypes: ['nope'] }))).toMatchObject({
      code: 3,
      reason: 'UNKNOWN_TYPE',
    })
    expect(await failureOf(client.reflectSchema({ schemaVersion: 'nope' }))).toMatchObject({
      code: 5,
      reason: 'SCHEMA_VERSION_NOT_FOUND',
    })
  })

  it('answers for schemas as large as they may be, or says that they are too large', async () => {
    const { client } = await start()
    const chain = Array.from(
      { length: 2_000 },
      (_, index) => `type t${index}\n  relations\n    define m: [user, t${index + 1}#m]`,
    )
    const model = `model\n  schema 1.1\ntype user\n${chain.join('\n')}\ntype t2000\n  relations\n    define m: [user]\n`
    await client.writeSchema({ model })
    expect(await failureOf(client.reflectSchema())).toMatchObject({ code: 8, reason: 'NODE_BUDGET_EXCEEDED' })
    const [first] = (await client.reflectSchema({ objectTypes: ['t0'] })).types
    expect(first?.relations[0]?.reachableBy).toHaveLength(2_001)
  })
})
