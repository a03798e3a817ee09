import type { Relationship } from '../../../../services/rebac/model/relationship.ts'

/**
 * The JSON of a model that accepts all of these relationships, so that they can be stored before the model comes that
 * does not: as it is when a later model no longer fits.
 */
export function hostSchema(relationships: readonly Relationship[]): string {
  const types = new Map<string, Map<string, unknown[]>>()
  const conditions = new Map<string, Set<string>>()
  const relationsOf = (type: string): Map<string, unknown[]> => {
    const relations = types.get(type) ?? new Map<string, unknown[]>()
    types.set(type, relations)
    return relations
  }
  for (const one of relationships) {
    const { subjectType: type, subjectRelation: relation, conditionName: condition } = one
    const direct = { type, ...form(one), ...(condition === '' ? {} : { condition }) }
    const relations = relationsOf(one.objectType)
    relations.set(one.relation, [...(relations.get(one.relation) ?? []), direct])
    const ofSubject = relationsOf(type)
    // A userset needs a relation that something can grant.
    if (relation !== '') ofSubject.set(relation, [...(ofSubject.get(relation) ?? []), { type }])
    if (condition !== '') {
      const names = conditions.get(condition) ?? new Set(['unused'])
      conditions.set(condition, new Set([...names, ...Object.keys(one.conditionContext ?? {})]))
    }
  }
  return JSON.stringify({
    schema_version: '1.1',
    type_definitions: [...types].map(([type, relations]) => ({
      type,
      relations: Object.fromEntries([...relations.keys()].map((name) => [name, { this: {} }])),
      metadata: {
        relations: Object.fromEntries(
          [...relations].map(([name, direct]) => [name, { directly_related_user_types: direct }]),
        ),
      },
    })),
    conditions: Object.fromEntries(
      [...conditions].map(([name, parameters]) => [
        name,
        {
          name,
          expression: 'true',
          parameters: Object.fromEntries(
            [...parameters].map((parameter) => [parameter, { type_name: 'TYPE_NAME_ANY' }]),
          ),
        },
      ]),
    ),
  })
}

function form({ subjectId, subjectRelation }: Relationship): object {
  if (subjectRelation !== '') return { relation: subjectRelation }
  return subjectId === '*' ? { wildcard: {} } : {}
}
