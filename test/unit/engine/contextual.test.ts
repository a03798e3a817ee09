import { describe, expect, it } from 'vitest'
import { contextualChanges } from '../../../services/rebac/engine/contextual.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { readRelationship } from '../../support/naive/case-file.ts'

const MODEL = `model
  schema 1.1
type user
type dir
  relations
    define parent: [dir]
    define shared-viewer: [user, dir]
    define near: [dir]
`
const schema = compileSchema(
  { format: 'dsl', model: MODEL, hierarchies: [{ type: 'dir', relation: 'parent', separator: '/' }] },
  'contextual',
)
const graph = new TenantGraph()
const stored = readRelationship('dir:/a#near@dir:/b')
graph.load([stored])

function changesOf(...contextual: string[]) {
  return contextualChanges(schema, graph, { contextual: contextual.map((text) => readRelationship(text)), now: 1_000 })
}

function after(text: string): readonly [string, string] | undefined {
  const [change] = changesOf(text)
  return change?.after ? [change.after.objectId, change.after.subjectId] : undefined
}

describe('2.10 contextual relationships', () => {
  it('name objects and subjects in the one form of their ids', () => {
    expect(after('dir:/a#near@dir:/c')).toEqual(['/a', '/c'])
    expect(after('dir:/a/#near@dir:/c')).toEqual(['/a', '/c'])
    expect(after('dir:/a#near@dir:/c/')).toEqual(['/a', '/c'])
    expect(after('dir:/a/#near@dir:/c//')).toEqual(['/a', '/c'])
  })

  it('leave everything else of a relationship as it is', () => {
    const given = readRelationship('dir:/a/#near@dir:/c expires 2026-01-01T00:00:00Z')
    expect(contextualChanges(schema, graph, { contextual: [given], now: 0 })).toEqual([
      { before: null, after: { ...given, objectId: '/a' } },
    ])
  })

  it('leave the ids of other tenants as they are: what they mean is not known here', () => {
    expect(after('dir:/a#shared-viewer@other/dir:/c/')).toEqual(['/a', '/c/'])
    expect(after('dir:/a/#shared-viewer@other/dir:/c/')).toEqual(['/a', '/c/'])
  })

  it('replace what is stored under the same key', () => {
    expect(changesOf('dir:/a/#near@dir:/b/')[0]?.before).toMatchObject({ objectId: '/a', subjectId: '/b' })
    expect(changesOf('dir:/a#near@dir:/c')[0]?.before).toBeNull()
  })

  it('change nothing if they have expired, or follow from the ids', () => {
    expect(changesOf('dir:/a#near@dir:/b expires 1970-01-01T00:00:01Z')).toEqual([])
    expect(changesOf('dir:/a#near@dir:/b expires 1970-01-01T00:00:01.001Z')).toHaveLength(1)
    expect(changesOf('dir:/a/b#parent@dir:/a')).toEqual([])
  })

  it('have keys of their own, in whatever form', () => {
    expect(() => changesOf('dir:/a#near@dir:/b', 'dir:/a/#near@dir:/b')).toThrow(
      'Two contextual relationships have the same object, relation and subject.',
    )
  })
})
