import { DENIED, done, EXISTS, INVALID_PATH, NOT_FOUND, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAdmin, isAllowed, isMeant, subjectOf } from '../rights.ts'
import { isWithin, type ModelState, type ModelTrash, parentOf } from '../state.ts'

export function listTrash(state: ModelState, actor: Actor, { path }: ParamsOf<'trash_list'>): Outcome {
  const shown = state.trash.filter((one) => isWithin(one.path, path) && isKnown(state, actor, one))
  return done(shown.map((one) => [one.path, one.nodes.get('')?.versions === null]))
}

export function restore(state: ModelState, actor: Actor, params: ParamsOf<'trash_restore'>): Outcome {
  const found = find(state, actor, params.trash)
  if (found === undefined) return NOT_FOUND
  const to = params.new_path ?? found.path
  if (to === '/') return INVALID_PATH
  if (!isAllowed(state, actor, 'write', parentOf(to))) return DENIED
  if (state.nodes.has(to) || state.isFile(state.anchor(to))) return EXISTS
  const comesBack = isOwner(state, actor, found)
  state.put(to, found.nodes)
  state.trash = state.trash.filter((one) => one !== found)
  if (comesBack) {
    for (const { path, relation, subject } of found.grants)
      state.grant(to + path.slice(found.path.length), relation, subject)
  }
  return done(to)
}

export function purge(state: ModelState, actor: Actor, { trash }: ParamsOf<'trash_purge'>): Outcome {
  const found = find(state, actor, trash)
  if (found === undefined) return NOT_FOUND
  if (!isOwner(state, actor, found)) return DENIED
  state.trash = state.trash.filter((one) => one !== found)
  return done()
}

function find(state: ModelState, actor: Actor, handle: number): ModelTrash | undefined {
  return state.trash.find((one) => one.handle === handle && isKnown(state, actor, one))
}

function isKnown(state: ModelState, actor: Actor, { path }: ModelTrash): boolean {
  return isAllowed(state, actor, 'write', parentOf(path))
}

/** Owns the directory where it stood, or owned it. */
function isOwner(state: ModelState, actor: Actor, { path, grants }: ModelTrash): boolean {
  if (isAdmin(actor) || isAllowed(state, actor, 'execute', parentOf(path))) return true
  const owners = grants.filter((grant) => grant.path === path && grant.relation === 'direct_owner')
  return owners.some(
    ({ subject }) => subject === subjectOf(actor) || (subject.startsWith('group:') && isMeant(subject, actor)),
  )
}
