import { type Role, ROLES, UNKNOWN_CALLER } from '../../../support/actors.ts'
import { DENIED } from './matrix-row.ts'

/** A method, and what it comes to for each role. `Facts` is what the parameters are made from. */
export interface RoleCase<Facts> {
  readonly params: (facts: Facts) => object | Promise<object>
  readonly allowed: readonly Role[]
  /** What it comes to for those who may. @default 0 */
  readonly done?: unknown
  /** What it comes to for all others who have a key. @default access is denied */
  readonly refused?: unknown
  /** What it comes to for some, where that is neither. */
  readonly otherwise?: Partial<Readonly<Record<Role, unknown>>>
  /** What counts of a result. @default 0 */
  readonly seen?: (result: never) => unknown
}

/** Whoever has a key, of whichever tenant. */
export const EVERYBODY: readonly Role[] = ROLES.filter((role) => role !== 'anonymous')

export function expectedTable<Facts>(row: RoleCase<Facts>): Readonly<Record<Role, unknown>> {
  const { allowed, done = 0, refused = DENIED, otherwise = {} } = row
  const entries = ROLES.map((role) => {
    const outcome = allowed.includes(role) ? done : refused
    return [role, role === 'anonymous' ? UNKNOWN_CALLER : role in otherwise ? otherwise[role] : outcome]
  })
  return Object.fromEntries(entries) as Record<Role, unknown>
}

/** Where a method has several cases, the others are named 'method: what is asked'. */
export function methodOf(name: string): string {
  return name.replace(/:.*/, '')
}
