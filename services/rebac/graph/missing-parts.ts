import type { Part } from '../model/part.ts'
import { relationshipKeyText } from '../model/relationship.ts'

/** The parts of a tenant that an evaluation would have needed, each once. */
export class MissingParts {
  #parts = new Map<string, Part>()

  note(part: Part): void {
    const text = partText(part)
    if (!this.#parts.has(text)) this.#parts.set(text, part)
  }

  get count(): number {
    return this.#parts.size
  }

  /** What was noted since the last call. */
  take(): readonly Part[] {
    const parts = [...this.#parts.values()]
    this.#parts = new Map()
    return parts
  }
}

/** Equal for equal parts and for no others (no name or id may contain U+0000). */
function partText(part: Part): string {
  switch (part.kind) {
    case 'object':
      return `o\u0000${part.objectType}\u0000${part.objectId}`
    case 'members':
      return `m\u0000${part.objectType}\u0000${part.objectId}\u0000${part.relation}`
    case 'key':
      return `k\u0000${relationshipKeyText(part.key)}`
    case 'subject':
      return `s\u0000${part.subjectTenant}\u0000${part.subjectType}\u0000${part.subjectId}`
    case 'subtree':
      return `t\u0000${part.objectType}\u0000${part.objectId}`
  }
}
