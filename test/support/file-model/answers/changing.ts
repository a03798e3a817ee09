import { DENIED, done, EXISTS, INVALID_PATH, NOT_EMPTY, NOT_FOUND, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAllowed, isGranted, subjectOf } from '../rights.ts'
import { depthOf, isWithin, type ModelState, parentOf } from '../state.ts'

export function mkdir(state: ModelState, actor: Actor, params: ParamsOf<'mkdir'>): Outcome {
  const { path, parents, exist_ok: existOk } = params
  if (path === '/') return INVALID_PATH
  const node = state.nodes.get(path)
  const isDirectory = node !== undefined && node.versions === null
  const allowed =
    isAllowed(state, actor, 'write', parentOf(path)) || (isDirectory && isAllowed(state, actor, 'write', path))
  if (!allowed) return DENIED
  if (node !== undefined) {
    if (!isDirectory || (!parents && !existOk)) return EXISTS
    state.nodes.set(path, { versions: null, implicit: false })
    return done()
  }
  const anchor = state.anchor(path)
  if (state.isFile(anchor)) return EXISTS
  if (!parents && anchor !== parentOf(path)) return NOT_FOUND
  makeOwned(state, actor, path, anchor)
  return done()
}

/** The directories from the first on in whose parent the actor may write are made as such, and the first is the actor's. */
function makeOwned(state: ModelState, actor: Actor, path: string, anchor: string): void {
  const missing: string[] = []
  for (let at = path; at !== anchor; at = parentOf(at)) missing.unshift(at)
  const first = missing.find((at) => isAllowed(state, actor, 'write', parentOf(at))) ?? path
  state.makeAbove(path, depthOf(first))
  state.nodes.set(path, { versions: null, implicit: false })
  if (!isGranted(state, actor, 'execute', parentOf(first))) state.grant(first, 'direct_owner', subjectOf(actor))
}

export function remove(state: ModelState, actor: Actor, { path }: ParamsOf<'delete'>): Outcome {
  return discard(state, actor, path, false, true)
}

export function rmdir(state: ModelState, actor: Actor, { path, recursive }: ParamsOf<'rmdir'>): Outcome {
  return discard(state, actor, path, recursive, false)
}

function discard(state: ModelState, actor: Actor, path: string, recursive: boolean, files: boolean): Outcome {
  if (path === '/') return INVALID_PATH
  if (!isAllowed(state, actor, 'write', path)) return DENIED
  if (!state.nodes.has(path)) return NOT_FOUND
  if (state.isFile(path) && !files) return INVALID_PATH
  if (!recursive && !state.isEmpty(path)) return NOT_EMPTY
  const nodes = state.take(path)
  // What comes back from the trash comes back with an id of its own.
  const grants = state.takeGrants(path).map((grant) => ({ ...grant, handle: null }))
  state.trash = [{ handle: state.trashHandles++, path, nodes, grants }, ...state.trash]
  return done()
}

export function rename(state: ModelState, actor: Actor, { from, to }: ParamsOf<'rename'>): Outcome {
  if (from === '/' || to === '/' || (to !== from && isWithin(to, from))) return INVALID_PATH
  if (!isAllowed(state, actor, 'write', from) || !isAllowed(state, actor, 'write', parentOf(to))) return DENIED
  if (!state.nodes.has(from)) return NOT_FOUND
  if (state.nodes.has(to) || state.isFile(state.anchor(to))) return EXISTS
  const owned = isGranted(state, actor, 'execute', from)
  const owns = isGranted(state, actor, 'execute', parentOf(to))
  state.put(to, state.take(from))
  state.takeGrants(to)
  const moved = state.takeGrants(from).map((grant) => ({ ...grant, path: to + grant.path.slice(from.length) }))
  state.grants = [...state.grants, ...moved]
  if (owned && !owns) state.grant(to, 'direct_owner', subjectOf(actor))
  return done()
}
