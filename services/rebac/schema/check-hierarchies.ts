import type { ModelDraft } from './draft.ts'
import type { Problems } from './problems.ts'
import type { Hierarchy } from './schema.ts'

/** The derived relation must be one that could have been stored: direct only, and accepting objects of its own type. */
export function checkHierarchies(model: ModelDraft, hierarchies: readonly Hierarchy[], problems: Problems): void {
  const seen = new Set<string>()
  for (const { type: typeName, relation: relationName, separator } of hierarchies) {
    const add = (message: string): void => problems.add(`hierarchy of ${typeName}: ${message}`)
    if (seen.has(typeName)) add('is given twice')
    seen.add(typeName)
    if ([...separator].length !== 1 || /[\p{Cc}*]/u.test(separator) || !separator.isWellFormed()) {
      add('the separator must be one character, and neither "*" nor a control character')
    }
    const type = model.types.find(({ name }) => name === typeName)
    if (type === undefined) {
      add('the type is not defined')
      continue
    }
    const relation = type.relations.find(({ name }) => name === relationName)
    if (relation === undefined) {
      add(`the relation ${relationName} is not defined`)
      continue
    }
    if (relation.rewrite.kind !== 'direct') add(`${relationName} must be a direct relation only`)
    const accepts =
      relation.directTypes === 'any' ||
      relation.directTypes.some(
        (direct) => direct.type === typeName && direct.form === 'object' && direct.condition === '',
      )
    if (!accepts) add(`${relationName} must accept ${typeName} without a condition`)
  }
}
