import { isDeepStrictEqual } from 'node:util'
import type { Call, Outcome } from './calls.ts'
import type { Actor } from './rights.ts'
import { etagOf } from './answers/reading.ts'
import type { ModelState } from './state.ts'

/** The gateway did something else than the model. */
export class FileDifference extends Error {
  override readonly name = 'FileDifference'
}

export function describeCall(actor: Actor, { method, params }: Call): string {
  return `${actor}: ${method} ${JSON.stringify(params)}`
}

/** @throws FileDifference */
export function requireSame(actor: Actor, call: Call, expected: Outcome, found: Outcome): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new FileDifference(
    `${describeCall(actor, call)}\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`,
  )
}

/** A model's state in the words of `RealFiles.snapshot`. */
export function snapshotOf(state: ModelState): unknown {
  const shown = [...state.nodes].filter(([, { implicit }]) => !implicit)
  const contents = shown
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([path, { versions }]) => [
      path,
      versions
        ?.map(({ content, source }, index) => [index + 1, etagOf(content), content.length, source])
        .toReversed() ?? null,
    ])
  const grants = state.grants.map(({ path, relation, subject }) => `${relation} ${path} ${subject}`).sort()
  const trash = state.trash.map(({ path, nodes }) => [path, nodes.get('')?.versions === null])
  return { contents, grants, trash }
}
