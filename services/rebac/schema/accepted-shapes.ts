import { WILDCARD_ID } from '../model/relationship.ts'
import { relationshipShape } from '../model/relationship-shape.ts'
import { holdsDirect } from './check-rules.ts'
import type { RelationDefinition, Schema } from './schema.ts'

/**
 * The shapes of which a closed schema accepts every relationship, whatever its ids are. Those with a condition are not
 * among them, as their parameters have a say, and neither are derived relations.
 */
export function acceptedShapes(schema: Schema): string[] {
  return Array.from(schema.types.values()).flatMap(({ name, relations, hierarchy }) =>
    Array.from(relations.values())
      .filter((relation) => relation.name !== hierarchy?.relation && holdsDirect(relation.rewrite))
      .flatMap((relation) => shapesOf(name, relation)),
  )
}

function shapesOf(objectType: string, { name: relation, directTypes }: RelationDefinition): string[] {
  if (directTypes === 'any') return []
  const unconditional = directTypes.filter(({ condition }) => condition === '')
  return unconditional.map((direct) =>
    relationshipShape({
      objectType,
      objectId: '',
      relation,
      subjectTenant: '',
      subjectType: direct.type,
      subjectId: direct.form === 'wildcard' ? WILDCARD_ID : '',
      subjectRelation: direct.relation,
      conditionName: '',
    }),
  )
}
