import { may, type Right, type Role } from '../../../support/actors.ts'

export const DENIED = -32004
export const NOTHING = -32000
export const EXISTS = -32001
export const WRONG_KIND = -32002
export const WRONG = -32602
export const NOT_EMPTY = -32005

/** What a call comes to for a file, a directory and a path at which there is nothing: an error code, 0, or what is seen. */
export type Outcomes = readonly [file: unknown, directory: unknown, missing: unknown]

export interface Row {
  /** Parameters of a call about a path; the other path is one at which nothing is, in the same directory. */
  readonly params: (path: string, other: string) => object
  readonly needs: Right
  readonly allowed: Outcomes
  /** @default access is denied, whatever is there */
  readonly denied?: Outcomes
  /** What one is told who has no more than the right to read. @default as if that were denied, too */
  readonly toReaders?: Outcomes
  /** The same of one who may read and write, where it takes an owner. */
  readonly toEditors?: Outcomes
  /** What counts of a result. @default that there is one */
  readonly seen?: (result: never, path: string) => unknown
  /** Changes something, so it needs files of its own. */
  readonly changes?: true
}

/** What a role is told, for a file, a directory and a path at which there is nothing. */
export function expectedOf(row: Row, role: Role): Outcomes {
  const { needs, allowed, denied = [DENIED, DENIED, DENIED], toReaders = denied, toEditors = denied } = row
  if (may(role, needs)) return allowed
  if (may(role, 'write')) return toEditors
  return may(role, 'read') ? toReaders : denied
}
