import { type ModelState, parentOf } from './state.ts'

/** Those who call, and the subjects by which they have rights. */
export const ACTORS = {
  root: [],
  olga: ['user:olga'],
  ed: ['user:ed'],
  vera: ['user:vera'],
  max: ['user:max'],
  sam: ['user:sam'],
  /** An agent of Olga that inherits from her. */
  heir: ['agent:olga,heir', 'user:olga'],
  /** One that does not. */
  bare: ['agent:olga,bare'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Actor = keyof typeof ACTORS
export const ACTOR_NAMES = Object.keys(ACTORS) as readonly Actor[]

/** A group, and who is in it. */
export const GROUP = 'eng'
const MEMBERS: readonly string[] = ['user:max']

export type Access = 'read' | 'write' | 'execute'

const CARRIERS: Readonly<Record<Access, readonly string[]>> = {
  execute: ['direct_owner'],
  write: ['direct_owner', 'direct_editor'],
  read: ['direct_owner', 'direct_editor', 'direct_viewer'],
}

/** The administrator, whom nothing is asked about but whether something is already his. */
export function isAdmin(actor: Actor): boolean {
  return actor === 'root'
}

/** As whom an actor comes to own things. */
export function subjectOf(actor: Actor): string {
  return ACTORS[actor][0] ?? 'user:root'
}

/** Whether a subject of a grant is the actor, or a group that the actor is in. */
export function isMeant(subject: string, actor: Actor): boolean {
  const names: readonly string[] = isAdmin(actor) ? ['user:root'] : ACTORS[actor]
  return names.includes(subject) || (subject.startsWith(`group:${GROUP}`) && names.some((one) => MEMBERS.includes(one)))
}

/** Whether a relationship gives an actor a right on a path, or on a directory above it. */
export function isGranted(state: ModelState, actor: Actor, access: Access, path: string): boolean {
  for (let at = path; ; at = parentOf(at)) {
    const here = state.grants.filter((grant) => grant.path === at && CARRIERS[access].includes(grant.relation))
    if (here.some(({ subject }) => isMeant(subject, actor))) return true
    if (at === '/') return false
  }
}

/** The same where being an administrator is enough. */
export function isAllowed(state: ModelState, actor: Actor, access: Access, path: string): boolean {
  return isAdmin(actor) || isGranted(state, actor, access, path)
}
