import type { JsonObject } from '../../services/common/json.ts'
import { Ask } from './ask.ts'
import type { PermissionQuestion, PermissionSubject } from './contract.ts'

/** What questions must have in common to travel in one item. */
export interface GroupScope {
  readonly tenant: string
  readonly alsoAs: readonly PermissionSubject[]
  readonly resolveInheritance: boolean
  readonly context: JsonObject
  /** Of a revision that the answers must not be older than. */
  readonly token: string | null
}

/** Questions of one scope that were not sent yet. Equal ones are one. */
export class AskGroup {
  readonly scope: GroupScope
  readonly #asks = new Map<string, Ask>()

  constructor(scope: GroupScope) {
    this.scope = scope
  }

  /** The waiting question that equals this one. */
  ask(question: PermissionQuestion): Ask {
    const key = questionKey(question)
    const known = this.#asks.get(key)
    if (known !== undefined) return known
    const ask = new Ask(question)
    this.#asks.set(key, ask)
    return ask
  }

  /** Those that somebody still waits for. */
  wanted(): Ask[] {
    return [...this.#asks.values()].filter((ask) => ask.isWanted)
  }

  all(): IterableIterator<Ask> {
    return this.#asks.values()
  }
}

/** Equal for scopes whose questions may share an item, the context given as text. */
export function groupKey(scope: GroupScope, contextText: string): string {
  const alsoAs = scope.alsoAs.map(subjectKey).join('\u0001')
  return [scope.tenant, scope.resolveInheritance, scope.token ?? '', alsoAs, contextText].join('\u0000')
}

function questionKey({ objectType, objectId, relation, subject }: PermissionQuestion): string {
  return `${objectType}\u0000${objectId}\u0000${relation}\u0000${subjectKey(subject)}`
}

function subjectKey({ tenant, type, id, relation }: PermissionSubject): string {
  return `${tenant}\u0000${type}\u0000${id}\u0000${relation}`
}
