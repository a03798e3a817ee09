import * as z from 'zod'
import type { ConditionDraft, ModelDraft, ParameterType, RelationDraft, ScalarTypeName } from './draft.ts'
import type { Problems } from './problems.ts'
import type { DirectType, Rewrite } from './schema.ts'
import type { TextPositions } from './text-positions.ts'

// The wire form of an OpenFGA model, as its API and its syntax transformer write it.
const relationName = z.object({ object: z.string().nullish(), relation: z.string() })

interface WireUserset {
  this?: object | null | undefined
  computedUserset?: z.infer<typeof relationName> | null | undefined
  tupleToUserset?:
    | { tupleset: z.infer<typeof relationName>; computedUserset: z.infer<typeof relationName> }
    | null
    | undefined
  union?: { child: WireUserset[] } | null | undefined
  intersection?: { child: WireUserset[] } | null | undefined
  difference?: { base: WireUserset; subtract: WireUserset } | null | undefined
}

const userset: z.ZodType<WireUserset> = z.lazy(() =>
  z.object({
    this: z.object({}).nullish(),
    computedUserset: relationName.nullish(),
    tupleToUserset: z.object({ tupleset: relationName, computedUserset: relationName }).nullish(),
    union: z.object({ child: z.array(userset).min(1) }).nullish(),
    intersection: z.object({ child: z.array(userset).min(1) }).nullish(),
    difference: z.object({ base: userset, subtract: userset }).nullish(),
  }),
)

const relationReference = z.object({
  type: z.string(),
  relation: z.string().nullish(),
  wildcard: z.object({}).nullish(),
  condition: z.string().nullish(),
})

interface WireParameterType {
  type_name: string
  generic_types?: WireParameterType[] | null | undefined
}

const parameterType: z.ZodType<WireParameterType> = z.lazy(() =>
  z.object({ type_name: z.string(), generic_types: z.array(parameterType).nullish() }),
)

const wireModel = z.object({
  schema_version: z.string(),
  type_definitions: z
    .array(
      z.object({
        type: z.string(),
        relations: z.record(z.string(), userset).nullish(),
        metadata: z
          .object({
            relations: z
              .record(
                z.string(),
                z.object({ directly_related_user_types: z.array(relationReference).nullish() }).nullish(),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  conditions: z
    .record(
      z.string(),
      z.object({
        name: z.string(),
        expression: z.string(),
        parameters: z.record(z.string(), parameterType).nullish(),
      }),
    )
    .nullish(),
})

/** A file of a modular model, which has no head of its own. */
const NO_HEAD =
  'there is no schema version: a model begins with "model" and "schema 1.1" or "schema 1.2"; the modules of a model have to be combined first'

const SCALARS: ReadonlySet<string> = new Set<ScalarTypeName>([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'duration',
  'timestamp',
  'any',
  'ipaddress',
])
const MAX_TYPE_NESTING = 4

/** Reads the JSON form of an OpenFGA model, as parsed; what it cannot read is among the problems. */
export function readOpenFgaModel(model: unknown, positions: TextPositions, problems: Problems): ModelDraft | null {
  const parsed = wireModel.safeParse(model)
  if (!parsed.success) {
    const isHeadless = typeof model === 'object' && model !== null && !('schema_version' in model)
    if (isHeadless) problems.add(NO_HEAD)
    const issues = parsed.error.issues.filter(({ path }) => !(isHeadless && path[0] === 'schema_version'))
    for (const issue of issues) problems.add(`${issue.path.join('.') || 'the model'}: ${issue.message}`)
    return null
  }
  const { schema_version: version, type_definitions: types, conditions } = parsed.data
  if (version !== '1.1' && version !== '1.2') {
    problems.add(`schema version ${JSON.stringify(version)} is not supported; use 1.1 or 1.2`)
  }
  return {
    open: false,
    types: (types ?? []).map((type) => ({
      name: type.type,
      position: positions.type(type.type),
      relations: Object.entries(type.relations ?? {}).map(([name, rewrite]): RelationDraft => {
        const references = type.metadata?.relations?.[name]?.directly_related_user_types ?? []
        return {
          name,
          position: positions.relation(type.type, name),
          rewrite: readRewrite(rewrite, `${type.type}#${name}`, problems),
          directTypes: references.map((reference) => readDirectType(reference, `${type.type}#${name}`, problems)),
        }
      }),
    })),
    conditions: Object.entries(conditions ?? {}).map(([key, condition]): ConditionDraft => {
      if (key !== condition.name) {
        problems.add(`condition ${key} is named ${condition.name} inside`, positions.condition(key))
      }
      const parameters = Object.entries(condition.parameters ?? {}).map(([name, type]) => ({
        name,
        type: readParameterType(type, `${key}(${name})`, problems, 0),
      }))
      return { name: key, position: positions.condition(key), expression: condition.expression, parameters }
    }),
  }
}

function readRewrite(wire: WireUserset, where: string, problems: Problems): Rewrite {
  const set = Object.entries(wire).filter(([, value]) => value !== undefined && value !== null)
  if (set.length !== 1) problems.add(`${where}: a rewrite must be exactly one operation`)
  if (wire.computedUserset) return { kind: 'computed', relation: wire.computedUserset.relation }
  if (wire.tupleToUserset) {
    const { tupleset, computedUserset } = wire.tupleToUserset
    return { kind: 'from', tupleset: tupleset.relation, relation: computedUserset.relation }
  }
  if (wire.union)
    return { kind: 'union', children: wire.union.child.map((child) => readRewrite(child, where, problems)) }
  if (wire.intersection) {
    return {
      kind: 'intersection',
      children: wire.intersection.child.map((child) => readRewrite(child, where, problems)),
    }
  }
  if (wire.difference) {
    return {
      kind: 'exclusion',
      base: readRewrite(wire.difference.base, where, problems),
      subtract: readRewrite(wire.difference.subtract, where, problems),
    }
  }
  return { kind: 'direct' }
}

function readDirectType(wire: z.infer<typeof relationReference>, where: string, problems: Problems): DirectType {
  const relation = wire.relation ?? ''
  if (wire.wildcard && relation !== '') {
    problems.add(`${where}: the type restriction ${wire.type}:*#${relation} cannot be both a wildcard and a userset`)
  }
  const form = wire.wildcard ? 'wildcard' : relation === '' ? 'object' : 'userset'
  return { type: wire.type, form, relation: form === 'userset' ? relation : '', condition: wire.condition ?? '' }
}

function readParameterType(wire: WireParameterType, where: string, problems: Problems, depth: number): ParameterType {
  const name = wire.type_name.replace(/^TYPE_NAME_/, '').toLowerCase()
  if (name === 'list' || name === 'map') {
    const element = wire.generic_types?.[0]
    if (depth >= MAX_TYPE_NESTING) problems.add(`${where}: the type is nested too deeply`)
    if (element === undefined || depth >= MAX_TYPE_NESTING) return { name, element: { name: 'any' } }
    return { name, element: readParameterType(element, where, problems, depth + 1) }
  }
  if (!SCALARS.has(name)) {
    problems.add(`${where}: unknown parameter type ${JSON.stringify(wire.type_name)}`)
    return { name: 'any' }
  }
  return { name: name as ScalarTypeName }
}
