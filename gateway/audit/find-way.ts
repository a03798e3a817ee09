import { parentPath } from '../files/paths.ts'
import type { PermissionQuestion, Permissions, PermissionScope } from '../permissions/contract.ts'
import type { Insight } from '../permissions/insight.ts'
import { type Way, wayOf } from './way.ts'

/** So long an answer serves for the same question again, in milliseconds. */
const SHARED_MS = 250

/** The way by which a question is allowed; null if it is not any more. */
export type FindWay = (question: PermissionQuestion, scope: PermissionScope) => Promise<Way | null>

/**
 * An explanation costs as much as a write. What opens a directory with all below it is therefore explained once for
 * everything that is changed there in a quarter of a second.
 */
export function createFindWay(
  permissions: Pick<Permissions, 'verdicts'> & { readonly insight: Pick<Insight, 'explain'> },
): FindWay {
  const shared = new Map<string, Promise<Way | null>>()

  function once(key: string, find: () => Promise<Way | null>): Promise<Way | null> {
    const known = shared.get(key)
    if (known !== undefined) return known
    const found = find()
    shared.set(key, found)
    setTimeout(() => shared.delete(key), SHARED_MS).unref()
    return found
  }

  return async (question, scope) => {
    const explain = async (objectId: string) =>
      wayOf(question, await permissions.insight.explain({ ...question, objectId }, scope, 0))
    const keyOf = (asked: PermissionQuestion) => JSON.stringify([asked, scope.context])
    if (question.objectType === 'file' && question.objectId !== '/') {
      const above = { ...question, objectId: parentPath(question.objectId) }
      const way = await once(`below ${keyOf(above)}`, async () => {
        const [verdict] = await permissions.verdicts([above], scope)
        return verdict === 'covering' ? await explain(above.objectId) : null
      })
      if (way !== null) return way
    }
    return await once(keyOf(question), () => explain(question.objectId))
  }
}
