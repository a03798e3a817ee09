import { MAX_MODEL_BYTES } from '../model/limits.ts'
import { checkHierarchies } from './check-hierarchies.ts'
import { checkRules } from './check-rules.ts'
import { compileCondition } from './compile-condition.ts'
import type { Condition } from './condition.ts'
import type { ModelDraft } from './draft.ts'
import { NEXUS_ABAC_CONDITION, nexusAbacCondition } from './nexus-abac.ts'
import { parseDsl } from './parse-dsl.ts'
import { parseJsonModel } from './parse-json.ts'
import { parseNamespaces } from './parse-namespaces.ts'
import { Problems } from './problems.ts'
import type { Hierarchy, Schema, SchemaSource, TypeDefinition } from './schema.ts'

/**
 * Compiles the text of a model.
 * @throws NexusError INVALID_SCHEMA, listing every problem, with line and column where the text has them
 */
export function compileSchema(source: SchemaSource, version: string): Schema {
  const problems = new Problems()
  const draft = parse(source, problems)
  if (draft === null) {
    problems.throwIfAny()
    throw new Error('a model that could not be read has no problems')
  }
  checkRules(draft, problems)
  checkHierarchies(draft, source.hierarchies, problems)
  const conditions = new Map<string, Condition>()
  for (const condition of draft.conditions) {
    const compiled = compileCondition(condition, problems)
    if (compiled !== null) conditions.set(condition.name, compiled)
  }
  if (draft.open) conditions.set(NEXUS_ABAC_CONDITION, nexusAbacCondition)
  problems.throwIfAny()
  return { version, source, open: draft.open, types: buildTypes(draft, source.hierarchies), conditions }
}

function parse(source: SchemaSource, problems: Problems): ModelDraft | null {
  if (Buffer.byteLength(source.model) > MAX_MODEL_BYTES) {
    problems.add(`the text is longer than ${MAX_MODEL_BYTES} bytes`)
    return null
  }
  try {
    switch (source.format) {
      case 'dsl':
        return parseDsl(source.model, problems)
      case 'json':
        return parseJsonModel(source.model, problems)
      case 'namespaces':
        return parseNamespaces(source.model, problems)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    problems.add('the model is nested too deeply')
    return null
  }
}

function buildTypes(draft: ModelDraft, hierarchies: readonly Hierarchy[]): ReadonlyMap<string, TypeDefinition> {
  return new Map(
    draft.types.map((type) => [
      type.name,
      {
        name: type.name,
        relations: new Map(
          type.relations.map(({ name, rewrite, directTypes }) => [name, { name, rewrite, directTypes }]),
        ),
        hierarchy: hierarchies.find((hierarchy) => hierarchy.type === type.name) ?? null,
      },
    ]),
  )
}
