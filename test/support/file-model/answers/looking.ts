import { DENIED, done, NOT_FOUND, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAdmin, isAllowed } from '../rights.ts'
import { isWithin, type ModelState, parentOf } from '../state.ts'
import { contentOf, etagOf } from './reading.ts'

export function exists(state: ModelState, actor: Actor, { path }: ParamsOf<'exists'>): Outcome {
  return done(path === '/' || isSeen(state, actor, path))
}

export function isDirectory(state: ModelState, actor: Actor, { path }: ParamsOf<'is_directory'>): Outcome {
  return done(isSeen(state, actor, path) && !state.isFile(path))
}

export function stat(state: ModelState, actor: Actor, { path }: ParamsOf<'stat'>): Outcome {
  if (path === '/') return done(describe(state, path))
  if (isSeen(state, actor, path)) return done(describe(state, path))
  return isAllowed(state, actor, 'read', path) ? NOT_FOUND : DENIED
}

export function list(state: ModelState, actor: Actor, { path, recursive }: ParamsOf<'list'>): Outcome {
  return done(sorted(recursive ? deepList(state, actor, path) : children(state, actor, path)))
}

export function glob(state: ModelState, actor: Actor, { path, pattern }: ParamsOf<'glob'>): Outcome {
  const expressions = [pattern, ...(pattern.includes('/') && !pattern.includes('**') ? [`**/${pattern}`] : [])].map(
    expressionOf,
  )
  const from = path === '/' ? 1 : path.length + 1
  const matches = deepList(state, actor, path).filter((one) => expressions.some((each) => each.test(one.slice(from))))
  return done(sorted(matches))
}

/** What a caller is told of a path. */
function describe(state: ModelState, path: string): unknown {
  const versions = state.nodes.get(path)?.versions ?? null
  if (versions === null) return ['directory', 0, null]
  return [contentOf(versions).length, versions.length, etagOf(contentOf(versions))]
}

function deepList(state: ModelState, actor: Actor, path: string): readonly string[] {
  return state.below(path).filter((one) => state.nodes.get(one)?.implicit === false && isSeen(state, actor, one))
}

function children(state: ModelState, actor: Actor, path: string): readonly string[] {
  return state.below(path).filter((one) => parentOf(one) === path && isSeen(state, actor, one))
}

/** Whether something stands at a path that the actor may know of: readable, or above something that is. */
function isSeen(state: ModelState, actor: Actor, path: string): boolean {
  if (!state.nodes.has(path)) return false
  if (isAdmin(actor)) return true
  return [...state.nodes.keys()].some((one) => isWithin(one, path) && isAllowed(state, actor, 'read', one))
}

function sorted(paths: readonly string[]): readonly string[] {
  return paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** `*` within a component, `**` over any number of them. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('/')
  const text = parts.map((part, index) => {
    const last = index === parts.length - 1
    if (part === '**') return last ? '.+' : '(?:[^/]+/)*'
    return part.replaceAll('*', '[^/]*') + (last ? '' : '/')
  })
  return new RegExp(`^${text.join('')}$`, 'u')
}
