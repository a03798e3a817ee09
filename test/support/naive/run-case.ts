import { expect } from 'vitest'
import type { Case } from './case-file.ts'

type Answer<T> = T | Promise<T>

/** What answers the questions of a case. Each method gives what it finds, or throws `Refusal`. */
export interface CaseTarget {
  check(question: string): Answer<boolean>
  /** Whether it may be stored. */
  store(relationship: string): Answer<void>
  /** `type#relation@subject` */
  objects(question: string): Answer<readonly string[]>
  /** `type:id#relation@type[#relation]` */
  subjects(question: string): Answer<readonly string[]>
  /** `type:id@subject` */
  permissions(question: string): Answer<readonly string[]>
  /** `type:id#relation` */
  expand(question: string): Answer<string>
  explain(question: string): Answer<{ readonly outcome: string; readonly steps: readonly string[] }>
}

/** An answer that is an error of the catalogue. */
export class Refusal extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Puts every statement of a case to a target. */
export async function runCase(one: Case, target: CaseTarget): Promise<void> {
  const answer = async (what: () => Answer<unknown>): Promise<unknown> => {
    try {
      return await what()
    } catch (error) {
      if (error instanceof Refusal) return error.reason
      throw error
    }
  }
  const outcome = async (question: string): Promise<unknown> =>
    answer(async () => (await target.explain(question)).outcome)
  for (const question of one.allowed ?? []) {
    expect(await answer(() => target.check(question)), question).toBe(true)
    expect(await outcome(question), `explain ${question}`).toBe('true')
  }
  for (const question of one.denied ?? []) {
    expect(await answer(() => target.check(question)), question).toBe(false)
    expect(['false', 'cycle'], `explain ${question}`).toContain(await outcome(question))
  }
  for (const [question, reason] of Object.entries(one.errors ?? {})) {
    expect(await answer(() => target.check(question)), question).toBe(reason)
    if (reason !== 'DEPTH_EXCEEDED') expect(await outcome(question), `explain ${question}`).toBe('error')
  }
  for (const [question, reason] of Object.entries(one.invalid ?? {})) {
    expect(await answer(() => target.check(question)), question).toBe(reason)
  }
  for (const [relationship, reason] of Object.entries(one.refused ?? {})) {
    expect(await answer(() => target.store(relationship)), relationship).toBe(reason)
  }
  for (const [question, expected] of Object.entries(one.objects ?? {})) {
    expect(await answer(() => target.objects(question)), question).toEqual(expected)
  }
  for (const [question, expected] of Object.entries(one.subjects ?? {})) {
    expect(await answer(() => target.subjects(question)), question).toEqual(expected)
  }
  for (const [question, expected] of Object.entries(one.permissions ?? {})) {
    expect(await answer(() => target.permissions(question)), question).toEqual([...expected].sort())
  }
  for (const [question, expected] of Object.entries(one.expand ?? {})) {
    expect(await answer(() => target.expand(question)), question).toBe(expected)
  }
  for (const [question, expected] of Object.entries(one.explain ?? {})) {
    expect(await answer(async () => (await target.explain(question)).steps), question).toEqual(expected)
  }
  // Last, because on a service it changes what is stored.
  for (const relationship of one.accepted ?? []) {
    expect(await answer(() => target.store(relationship)), relationship).toBeUndefined()
  }
}
