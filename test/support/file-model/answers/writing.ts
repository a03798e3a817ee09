import { CONFLICT, DENIED, done, EXISTS, INVALID_PATH, NOT_FOUND, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAllowed, isGranted, subjectOf } from '../rights.ts'
import { type ModelState, type ModelVersion, parentOf } from '../state.ts'
import { contentOf, etagOf, fileAt, isOutcome, readable } from './reading.ts'

interface Conditions {
  readonly ifMatch: string | null
  readonly ifNoneMatch: boolean
}

const UNCONDITIONAL: Conditions = { ifMatch: null, ifNoneMatch: false }

export function write(state: ModelState, actor: Actor, params: ParamsOf<'write'>): Outcome {
  const { path, content, if_match: ifMatch, if_none_match: ifNoneMatch, force } = params
  return store(state, actor, path, { content, source: 'original' }, force ? UNCONDITIONAL : { ifMatch, ifNoneMatch })
}

export function append(state: ModelState, actor: Actor, params: ParamsOf<'append'>): Outcome {
  const { path, content, if_match: ifMatch, force } = params
  const found = readable(state, actor, path)
  if (isOutcome(found) && found !== NOT_FOUND) return found
  const versions = isOutcome(found) ? null : found
  const before = versions === null ? '' : contentOf(versions)
  if (!force && ifMatch !== null && (versions === null || ifMatch !== etagOf(before))) return CONFLICT
  return store(state, actor, path, { content: before + content, source: 'original' }, UNCONDITIONAL)
}

export function edit(state: ModelState, actor: Actor, params: ParamsOf<'edit'>): Outcome {
  const found = readable(state, actor, params.path)
  if (isOutcome(found)) return found
  const before = contentOf(found)
  if (params.if_match !== null && params.if_match !== etagOf(before)) return CONFLICT
  const pieces = before.split(params.old)
  if (pieces.length === 1 || (pieces.length > 2 && !params.all)) return done('failed')
  const content = pieces.join(params.new)
  const made = store(state, actor, params.path, { content, source: 'original' }, UNCONDITIONAL)
  return made.code === 0 ? done([etagOf(content), found.length + 1]) : made
}

export function copy(state: ModelState, actor: Actor, { from, to }: ParamsOf<'copy'>): Outcome {
  const found = readable(state, actor, from)
  if (isOutcome(found)) return found
  return store(
    state,
    actor,
    to,
    { content: contentOf(found), source: 'original' },
    { ifMatch: null, ifNoneMatch: true },
  )
}

export function rollback(state: ModelState, actor: Actor, { path, version }: ParamsOf<'rollback'>): Outcome {
  if (path === '/') return INVALID_PATH
  if (!mayWrite(state, actor, path)) return DENIED
  const found = fileAt(state, path)
  if (isOutcome(found)) return found
  const old = found[version - 1]
  if (old === undefined) return NOT_FOUND
  const made = store(state, actor, path, { content: old.content, source: 'rollback' }, UNCONDITIONAL)
  return made.code === 0 ? done() : made
}

/** Whether a file may be made or replaced at a path. */
function mayWrite(state: ModelState, actor: Actor, path: string): boolean {
  return isAllowed(state, actor, 'write', state.nodes.has(path) ? path : parentOf(path))
}

function store(
  state: ModelState,
  actor: Actor,
  path: string,
  version: ModelVersion,
  { ifMatch, ifNoneMatch }: Conditions,
): Outcome {
  if (path === '/') return INVALID_PATH
  if (!mayWrite(state, actor, path)) return DENIED
  const node = state.nodes.get(path)
  if (node !== undefined && (node.versions === null || ifNoneMatch)) return EXISTS
  const current = node?.versions ?? null
  if (ifMatch !== null && (current === null || etagOf(contentOf(current)) !== ifMatch)) return CONFLICT
  if (node === undefined) {
    if (state.isFile(state.anchor(path))) return EXISTS
    if (!isGranted(state, actor, 'execute', parentOf(path))) state.grant(path, 'direct_owner', subjectOf(actor))
    state.makeAbove(path)
  }
  const versions = [...(current ?? []), version]
  state.nodes.set(path, { versions, implicit: false })
  return done([etagOf(version.content), versions.length, version.content.length])
}
