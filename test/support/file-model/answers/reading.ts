import { createHash } from 'node:crypto'
import { DENIED, done, INVALID, INVALID_PATH, NOT_FOUND, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAllowed } from '../rights.ts'
import type { ModelState, ModelVersion } from '../state.ts'

export function etagOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The versions of a file that the actor may read, or why there are none. */
export function readable(state: ModelState, actor: Actor, path: string): readonly ModelVersion[] | Outcome {
  if (path === '/') return INVALID_PATH
  if (!isAllowed(state, actor, 'read', path)) return DENIED
  return fileAt(state, path)
}

/** The versions of the file at a path, or why there are none. */
export function fileAt(state: ModelState, path: string): readonly ModelVersion[] | Outcome {
  const node = state.nodes.get(path)
  if (node === undefined) return NOT_FOUND
  return node.versions ?? INVALID_PATH
}

export function isOutcome(found: readonly ModelVersion[] | Outcome): found is Outcome {
  return !Array.isArray(found)
}

/** What a file contains. */
export function contentOf(versions: readonly ModelVersion[]): string {
  return versions.at(-1)?.content ?? ''
}

export function read(state: ModelState, actor: Actor, { path }: ParamsOf<'read'>): Outcome {
  const found = readable(state, actor, path)
  return isOutcome(found) ? found : done(contentOf(found))
}

export function readRange(state: ModelState, actor: Actor, { path, start, end }: ParamsOf<'read_range'>): Outcome {
  if (end < start) return INVALID
  const found = readable(state, actor, path)
  return isOutcome(found) ? found : done(contentOf(found).slice(start, end))
}

export function listVersions(state: ModelState, actor: Actor, { path }: ParamsOf<'list_versions'>): Outcome {
  const found = readable(state, actor, path)
  if (isOutcome(found)) return found
  const versions = found.map(({ content, source }, index) => [index + 1, etagOf(content), content.length, source])
  return done(versions.toReversed())
}

export function getVersion(state: ModelState, actor: Actor, { path, version }: ParamsOf<'get_version'>): Outcome {
  const found = readable(state, actor, path)
  if (isOutcome(found)) return found
  const wanted = found[version - 1]
  return wanted === undefined ? NOT_FOUND : done(wanted.content)
}
