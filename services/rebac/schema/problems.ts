import { NexusError } from '../../common/errors/nexus-error.ts'

/** Where something stands in a model's text; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly position: Position | null
  readonly message: string
}

/** Most problems that one message lists. */
const MAX_LISTED = 100

/** Collects everything that is wrong with a model, so that its author sees all of it at once. */
export class Problems {
  readonly #problems: Problem[] = []

  add(message: string, position: Position | null = null): void {
    const known = this.#problems.some((other) => other.message === message && samePosition(other.position, position))
    if (!known) this.#problems.push({ message, position })
  }

  get count(): number {
    return this.#problems.length
  }

  /** @throws NexusError INVALID_SCHEMA if there is any problem */
  throwIfAny(): void {
    if (this.count === 0) return
    const sorted = [...this.#problems].sort(byPosition)
    const lines = sorted.slice(0, MAX_LISTED).map(problemText)
    if (sorted.length > MAX_LISTED) lines.push(`... and ${sorted.length - MAX_LISTED} more`)
    const heading = sorted.length === 1 ? 'The model has a problem:' : `The model has ${sorted.length} problems:`
    const violations = sorted.slice(0, MAX_LISTED).map(({ position, message }) => {
      return {
        subject: position === null ? 'model' : `model:${position.line}:${position.column}`,
        description: message,
      }
    })
    const data = { problems: sorted.length }
    throw new NexusError('INVALID_SCHEMA', [heading, ...lines].join('\n'), { data, violations })
  }
}

function problemText({ position, message }: Problem): string {
  return position === null ? `- ${message}` : `- ${position.line}:${position.column}: ${message}`
}

function samePosition(a: Position | null, b: Position | null): boolean {
  return a?.line === b?.line && a?.column === b?.column
}

function byPosition(a: Problem, b: Problem): number {
  const lines = (a.position?.line ?? Infinity) - (b.position?.line ?? Infinity)
  return lines || (a.position?.column ?? 0) - (b.position?.column ?? 0) || 0
}
