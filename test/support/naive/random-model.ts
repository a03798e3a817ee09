import fc from 'fast-check'
import type { JsonObject } from '../../../services/common/json.ts'
import type { Relationship, Subject } from '../../../services/rebac/model/relationship.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import type { Schema, SchemaSource } from '../../../services/rebac/schema/schema.ts'
import { validateRelationship } from '../../../services/rebac/schema/validate.ts'

/** A small random world: a schema, relationships of which some do not fit it, and a request. */
export interface World {
  readonly schema: Schema
  readonly source: SchemaSource
  readonly stored: readonly Relationship[]
  readonly contextual: readonly Relationship[]
  readonly context: JsonObject
  /** Milliseconds since 1970; decides what has expired. */
  readonly now: number
}

export const NOW = 1_000_000
const RELATIONS = ['r0', 'r1', 'r2', 'r3']
const OBJECT_TYPES = ['group', 'doc', 'dir']
const IDS: Readonly<Record<string, readonly string[]>> = {
  user: ['ann', 'bob'],
  group: ['1', '2', '3'],
  doc: ['1'],
  dir: ['/', '/a', '/a/b/c'],
}

/** The subjects that questions are asked about. */
export const SUBJECTS: readonly Subject[] = [
  { tenant: '', type: 'user', id: 'ann', relation: '' },
  { tenant: '', type: 'user', id: 'bob', relation: '' },
  { tenant: '', type: 'user', id: 'nobody', relation: '' },
  { tenant: '', type: 'user', id: '*', relation: '' },
  { tenant: '', type: 'group', id: '1', relation: 'r0' },
  { tenant: '', type: 'dir', id: '/a', relation: 'r1' },
  { tenant: '', type: 'dir', id: '/a', relation: '' },
  { tenant: 'other', type: 'user', id: 'ann', relation: '' },
  { tenant: '', type: '*', id: '*', relation: '' },
]

/** The objects that questions are asked about, with some that no relationship names. */
export const OBJECTS = [
  ...OBJECT_TYPES.flatMap((type) => (IDS[type] ?? []).map((id) => ({ type, id }))),
  { type: 'dir', id: '/a/b/x/y' },
]

/** All relations of a type; of `dir`, parent is derived. */
export const ALL_RELATIONS = [...RELATIONS, 'parent', 'shared-viewer']

const directType = fc.record({
  type: fc.constantFrom('user', 'user', 'group', 'doc', 'dir'),
  form: fc.constantFrom('object', 'object', 'wildcard', 'userset', 'userset'),
  relation: fc.constantFrom('r0', 'r1'),
  condition: fc.constantFrom('', '', '', 'c'),
})

interface Shape {
  readonly kind: 'direct' | 'computed' | 'from' | 'union' | 'intersection' | 'exclusion'
  readonly pick: number
  readonly children: readonly Shape[]
}

const leaf: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('direct' as const, 'direct' as const, 'computed' as const, 'from' as const),
  pick: fc.nat(10),
  children: fc.constant([]),
})
const node = (child: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.record({
    kind: fc.constantFrom('union' as const, 'union' as const, 'intersection' as const, 'exclusion' as const),
    pick: fc.nat(10),
    children: fc.array(child, { minLength: 2, maxLength: 3 }),
  })
const shape = fc.oneof(
  { weight: 2, arbitrary: leaf },
  { weight: 3, arbitrary: node(fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: node(leaf) })) },
)

const relationSpec = fc.record({ shape, directTypes: fc.array(directType, { minLength: 1, maxLength: 4 }) })
const typeSpec = fc.tuple(relationSpec, relationSpec, relationSpec, relationSpec)
const modelSpec = fc.record({
  types: fc.tuple(typeSpec, typeSpec, typeSpec),
  format: fc.constantFrom('json', 'json', 'namespaces'),
})

const tuple = fc.record({
  /** Chooses one of the forms that the schema accepts; from -1 down the fields below count, whatever it accepts. */
  accepted: fc.integer({ min: -20, max: 99 }),
  objectIndex: fc.nat(10),
  object: fc.constantFrom(...OBJECTS.slice(0, -1)),
  relation: fc.constantFrom('r0', 'r0', 'r1', 'r1', 'r2', 'r3', 'parent', 'shared-viewer'),
  subjectType: fc.constantFrom('user', 'user', 'user', 'group', 'group', 'doc', 'dir', '*'),
  subjectIndex: fc.nat(10),
  subjectForm: fc.constantFrom('object', 'object', 'wildcard', 'userset', 'userset', 'foreign'),
  subjectRelation: fc.constantFrom('r0', 'r0', 'r1', 'r2'),
  condition: fc.constantFrom('', '', '', '', 'c', 'gone'),
  conditionContext: fc.constantFrom<JsonObject | null>(null, null, { x: 5 }, { x: 50 }),
  expiresAt: fc.constantFrom(null, null, null, null, NOW - 1, NOW, NOW + 1),
})

/** Random worlds. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    model: modelSpec,
    stored: fc.array(tuple, { minLength: 4, maxLength: 40, size: 'max' }),
    contextual: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(tuple, { maxLength: 6 }) },
    ),
    context: fc.constantFrom<JsonObject>({}, { x: 5 }, { x: 50 }),
  })
  .map(({ model, stored, contextual, context }) => {
    const open = model.format === 'namespaces'
    const source: SchemaSource = {
      format: open ? 'namespaces' : 'json',
      model: JSON.stringify(open ? namespacesModel(model.types) : jsonModel(model.types)),
      hierarchies: [{ type: 'dir', relation: 'parent', separator: '/' }],
    }
    const schema = compileOrNull(source)
    if (schema === null) return null
    const byKey = new Map<string, Relationship>()
    const forms = acceptedForms(schema)
    const read = (specs: readonly TupleSpec[]): Relationship[] =>
      specs.map((spec, index) => relationship(fitted(spec, forms), index, open))
    for (const one of read(stored)) {
      // Storing derived relationships is refused, so none is there.
      if (!(one.objectType === 'dir' && one.relation === 'parent')) byKey.set(keyOf(one), one)
    }
    const fitting = new Map(
      read(contextual)
        .filter((one) => canBeContextual(schema, one))
        .map((one) => [keyOf(one), one]),
    )
    return { schema, source, stored: [...byKey.values()], contextual: [...fitting.values()], context, now: NOW }
  })
  .filter((world) => world !== null)

type TupleSpec = typeof tuple extends fc.Arbitrary<infer T> ? T : never
type TypeSpec = typeof typeSpec extends fc.Arbitrary<infer T> ? T : never
type RelationSpec = typeof relationSpec extends fc.Arbitrary<infer T> ? T : never

interface AcceptedForm
  extends Pick<TupleSpec, 'relation' | 'subjectType' | 'subjectForm' | 'subjectRelation' | 'condition'> {
  readonly objectType: string
}

/** Every form of relationship that a closed schema accepts. */
function acceptedForms(schema: Schema): readonly AcceptedForm[] {
  const forms: AcceptedForm[] = []
  for (const { name: objectType, relations, hierarchy } of schema.types.values()) {
    for (const { name: relation, directTypes } of relations.values()) {
      if (directTypes === 'any' || relation === hierarchy?.relation) continue
      for (const { type: subjectType, form: subjectForm, relation: subjectRelation, condition } of directTypes) {
        forms.push({ objectType, relation, subjectType, subjectForm, subjectRelation, condition } as AcceptedForm)
      }
    }
  }
  return forms
}

function fitted(spec: TupleSpec, forms: readonly AcceptedForm[]): TupleSpec {
  const form = spec.accepted < 0 ? undefined : forms[spec.accepted % Math.max(forms.length, 1)]
  if (form === undefined) return spec
  const ids = IDS[form.objectType] ?? []
  return { ...spec, ...form, object: { type: form.objectType, id: ids[spec.objectIndex % ids.length] ?? 'x' } }
}

function relationship(spec: TupleSpec, index: number, open: boolean): Relationship {
  const ids = IDS[spec.subjectType] ?? []
  const any = spec.subjectType === '*'
  const form = any ? 'wildcard' : spec.subjectForm
  const conditionName = open && spec.condition === 'c' ? 'nexus_abac' : spec.condition
  return {
    id: `t${index}`,
    objectType: spec.object.type,
    objectId: spec.object.id,
    relation: spec.relation,
    subjectTenant: form === 'foreign' && spec.relation === 'shared-viewer' ? 'other' : '',
    subjectType: spec.subjectType,
    subjectId: form === 'wildcard' ? '*' : (ids[spec.subjectIndex % ids.length] ?? 'x'),
    subjectRelation: form === 'userset' ? spec.subjectRelation : '',
    conditionName,
    conditionContext: conditionName === '' ? null : open ? { attributes: { x: 5 } } : spec.conditionContext,
    expiresAt: spec.expiresAt,
    createdAt: 1,
    attributes: null,
  }
}

function keyOf(one: Relationship): string {
  return [
    one.objectType,
    one.objectId,
    one.relation,
    one.subjectTenant,
    one.subjectType,
    one.subjectId,
    one.subjectRelation,
  ].join('|')
}

/** Whether a relationship fits a schema, as those of a request must. */
export function canBeContextual(schema: Schema, one: Relationship): boolean {
  try {
    validateRelationship(schema, one)
    return true
  } catch {
    return false
  }
}

function compileOrNull(source: SchemaSource): Schema | null {
  try {
    return compileSchema(source, 'random')
  } catch {
    return null
  }
}

/** Relations refer to earlier ones only, so that nothing is computed from itself. */
function jsonModel(types: readonly TypeSpec[]): unknown {
  return {
    schema_version: '1.1',
    type_definitions: [
      { type: 'user' },
      ...types.map((relations, index) => {
        const type = OBJECT_TYPES[index] ?? ''
        const parents = type === 'dir' ? ['dir'] : ['group', 'dir', 'doc']
        const metadata: Record<string, unknown> = {
          parent: { directly_related_user_types: parents.map((parent) => ({ type: parent })) },
          'shared-viewer': { directly_related_user_types: [{ type: 'user' }] },
        }
        const rewrites: Record<string, unknown> = { parent: { this: {} }, 'shared-viewer': { this: {} } }
        for (const [at, spec] of relations.entries()) {
          const direct = usesDirect(spec.shape, at) ? spec.directTypes.map(wireDirectType) : []
          metadata[`r${at}`] = { directly_related_user_types: direct }
          rewrites[`r${at}`] = jsonRewrite(spec.shape, at)
        }
        return { type, relations: rewrites, metadata: { relations: metadata } }
      }),
    ],
    conditions: { c: { name: 'c', expression: 'x < 10', parameters: { x: { type_name: 'TYPE_NAME_INT' } } } },
  }
}

function wireDirectType({ type, form, relation, condition }: RelationSpec['directTypes'][number]): unknown {
  const restricted =
    type === 'user' && form === 'userset' ? { type } : form === 'userset' ? { type, relation } : { type }
  return { ...restricted, ...(form === 'wildcard' ? { wildcard: {} } : {}), ...(condition === '' ? {} : { condition }) }
}

function usesDirect(spec: Shape, at: number): boolean {
  if (spec.kind === 'direct' || (spec.kind === 'computed' && at === 0)) return true
  return spec.children.some((child) => usesDirect(child, at))
}

function jsonRewrite(spec: Shape, at: number): unknown {
  const children = spec.children.map((child) => jsonRewrite(child, at))
  switch (spec.kind) {
    case 'direct':
      return { this: {} }
    case 'computed':
      return at === 0 ? { this: {} } : { computedUserset: { relation: `r${spec.pick % at}` } }
    case 'from':
      return {
        tupleToUserset: { tupleset: { relation: 'parent' }, computedUserset: { relation: `r${spec.pick % 4}` } },
      }
    case 'union':
      return { union: { child: children } }
    case 'intersection':
      return { intersection: { child: children } }
    case 'exclusion':
      return { difference: { base: children[0], subtract: children[1] } }
  }
}

/** The same shapes as far as namespaces can say them. */
function namespacesModel(types: readonly TypeSpec[]): unknown {
  return Object.fromEntries(
    types.map((relations, index) => [
      OBJECT_TYPES[index],
      {
        relations: { parent: {}, 'shared-viewer': {} },
        permissions: Object.fromEntries(
          relations.map((spec, at) => [
            `r${at}`,
            spec.shape.kind === 'direct' ? { union: [{}, 'shared-viewer'] } : namespaceOperator(spec.shape, at),
          ]),
        ),
      },
    ]),
  )
}

function namespaceOperator(spec: Shape, at: number): unknown {
  const children = spec.children.map((child) => namespaceOperator(child, at))
  switch (spec.kind) {
    case 'direct':
      return {}
    case 'computed':
      return at === 0 ? {} : { union: [`r${spec.pick % at}`] }
    case 'from':
      return {
        tupleToUserset: {
          tupleset: spec.pick % 2 === 0 ? 'parent' : 'shared-viewer',
          computedUserset: `r${spec.pick % 4}`,
        },
      }
    case 'union':
      return { union: children }
    case 'intersection':
      return { intersection: children }
    case 'exclusion':
      return at === 0 ? { union: children } : { intersection: [children[0], { exclusion: `r${spec.pick % at}` }] }
  }
}
