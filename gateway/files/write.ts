import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { StoredContent } from '../content/contents.ts'
import type { CallContext } from '../context.ts'
import { type MountedFact, type OpenMount } from './backing.ts'
import { backedChange, canOwn, mutation, newIds, noteChange } from './change.ts'
import { finishedAlready, versionOfUpload } from './commands/finished-uploads.ts'
import { checkPlace } from './commands/make-nodes.ts'
import { checkRoom } from './commands/quota.ts'
import { checkPreconditions, type ContentOrigin, isStillThere, type WriteFileRequest } from './commands/write-file.ts'
import type { FileEntry, WriteOptions } from './contract.ts'
import type { FileDeps } from './deps.ts'
import type { AccessQuestion } from './guard.ts'
import type { IndexRow, WriteIndexer } from './indexer.ts'
import { entryOf, type NodeRow } from './nodes.ts'
import { wordsOfContent } from '../search/text.ts'
import { parentPath, resolveFilePath, type TreePath } from './paths.ts'
import type { Lookup } from './queries.ts'

/** What a file shall contain. Both are asked for when the caller is known to be allowed to write. */
export interface NewContent {
  readonly action: WriteFileRequest['action']
  /** @default original, without a reason */
  readonly source?: WriteFileRequest['source']
  /** Again if the collector was faster, or its origin has changed. */
  readonly store: () => Promise<StoredContent>
  /** Where what was stored last was taken from. @default it comes from outside */
  readonly origin?: () => ContentOrigin
  readonly index: (path: string) => Promise<IndexRow | null>
  /** What the content is to be found by. @default it was written before, so it is known */
  readonly words?: () => Promise<string>
}

/** Bytes from outside. */
export function newContent(
  deps: FileDeps,
  context: CallContext,
  bytes: Uint8Array,
  action: NewContent['action'] = 'write',
): NewContent {
  return {
    action,
    store: async () => {
      if (bytes.byteLength > deps.maxFileBytes) throw tooLarge(deps)
      return await deps.contents.put(bytes, context.scope.deadline)
    },
    index: (path) => Promise.resolve(indexerOf(deps, path)?.index(path, bytes) ?? null),
    words: () => Promise.resolve(wordsOfContent(bytes, deps.searchTextBytes)),
  }
}

/** A file of more bytes than a file may have. */
export function tooLarge({ maxFileBytes }: FileDeps): NexusError {
  return new NexusError('TOO_LARGE', `A file has at most ${maxFileBytes} bytes; nothing was changed.`)
}

/** Who would make a row of the index for a path. */
export function indexerOf(deps: Pick<FileDeps, 'indexers'>, path: string): WriteIndexer | undefined {
  return deps.indexers.find((indexer) => indexer.wants(path))
}

/** An existing file needs write on it; a new one, write on the directory that it comes to stand in. */
export async function write(
  deps: FileDeps,
  context: CallContext,
  path: string,
  content: NewContent,
  options: WriteOptions = {},
): Promise<FileEntry> {
  const at = resolveFilePath(path, context.caller.tenant)
  const prepared = new PreparedContent(content, at.path)
  const node = await writePrepared(deps, context, at, { prepared: () => Promise.resolve(prepared), options })
  return entryOf(at.path, node)
}

/** Writes what is prepared when the caller is known to be allowed to; `prepared` may look at what stands there. */
export async function writePrepared(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  {
    prepared,
    options,
  }: { readonly prepared: (found: Lookup) => Promise<PreparedContent>; readonly options: WriteOptions },
): Promise<NodeRow> {
  const { node } = await backedChange(deps, context, at, {
    withContent: asksForContent(options),
    decide: (now, found) => decideWrite(deps, now, at, found),
    async commit(now, found, decision, mount) {
      const content = await prepared(found)
      const request = await writeRequest(deps, now, { at, found, decision, prepared: content, options })
      const { origin } = request
      // What a back end has taken cannot be taken back: there this is asked before.
      if (mount !== null && origin !== null && !(await deps.db.read(() => isStillThere(origin)))) {
        content.forget()
        return { outcome: 'outdated' }
      }
      if (mount !== null && request.uploadId !== null) await requireUnfinished(deps, request.uploadId)
      if (mount !== null) await requireRoom(deps, at.tree, [{ request, found }])
      const write = async (request: WriteFileRequest, { deadline }: CallContext['scope']) => {
        const made = await deps.db.write('writeFile', request, { group: at.tree, deadline })
        if (made.outcome === 'uncollected' || made.outcome === 'outdated') content.forget()
        return made
      }
      if (mount === null) return await write(request, now.scope)
      const mounted = await putInto(mount, now, request, found)
      return await noteChange(deps, now, at, found, async (later, seen) => {
        const again = await writeRequest(deps, later, { at, found: seen, decision, prepared: content, options })
        return await write({ ...again, mounted, origin: null }, later.scope)
      })
    },
  })
  return node
}

/** @throws NexusError CONFLICT */
async function requireUnfinished(deps: FileDeps, uploadId: string): Promise<void> {
  if ((await deps.db.read(() => versionOfUpload(uploadId))) !== null) throw finishedAlready()
}

/** @throws NexusError STORAGE_FULL */
export async function requireRoom(
  deps: FileDeps,
  tree: string,
  writes: readonly { readonly request: WriteFileRequest; readonly found: Lookup }[],
): Promise<void> {
  const files = writes.filter(({ found }) => found.node === null).length
  const bytes = writes.reduce((sum, { request, found }) => sum + request.content.size - (found.node?.size ?? 0), 0)
  await deps.db.read(() => checkRoom(tree, deps.quota, { files, bytes }))
}

/** What the content store cannot refuse afterwards is refused before the back end is changed. */
export async function putInto(
  mount: OpenMount,
  context: CallContext,
  request: WriteFileRequest,
  found: Lookup,
): Promise<MountedFact> {
  checkPreconditions(request, found.node)
  checkPlace(request.at, found)
  return await mount.put(context, request.at, request.content)
}

/** Whether the precondition is about what the file contains, and not about its existence alone. */
function asksForContent(options: WriteOptions): boolean {
  const { ifMatch, ifNoneMatch, force } = preconditions(options)
  return !force && [...(ifMatch ?? []), ...ifNoneMatch].some((etag) => etag !== '*')
}

/** Content is stored and indexed once, however often a change has to begin again. */
export class PreparedContent {
  readonly #content: NewContent
  readonly #path: string
  #stored: StoredContent | undefined
  #index: IndexRow | null | undefined
  #words: string | null | undefined

  constructor(content: NewContent, path: string) {
    this.#content = content
    this.#path = path
  }

  async get(): Promise<Pick<WriteFileRequest, 'content' | 'origin' | 'index' | 'words' | 'action' | 'source'>> {
    this.#stored ??= await this.#content.store()
    if (this.#index === undefined) this.#index = await this.#content.index(this.#path)
    this.#words ??= (await this.#content.words?.()) ?? null
    const { action, source = { type: 'original', reason: null } } = this.#content
    const origin = this.#content.origin?.() ?? null
    return { content: this.#stored, origin, index: this.#index, words: this.#words, action, source }
  }

  /** It is not there any more. */
  forget(): void {
    this.#stored = undefined
    this.#index = undefined
  }
}

/** Everything that the command needs to write a file. */
export async function writeRequest(
  deps: FileDeps,
  context: CallContext,
  parts: {
    readonly at: TreePath
    readonly found: Lookup
    readonly decision: WriteDecision
    readonly prepared: PreparedContent
    readonly options: WriteOptions
  },
): Promise<WriteFileRequest> {
  const { at, found, decision, prepared, options } = parts
  return {
    // Not before the caller is known to be allowed to: nobody else can fill the disk.
    ...(await prepared.get()),
    ...mutation(deps, context, at, found, decision.bypass),
    ids: found.node === null ? newIds(deps, at) : [],
    versionId: uuidv7(),
    ...preconditions(options),
    keptVersions: deps.keptVersions,
    quota: deps.quota,
    uploadId: options.uploadId ?? null,
    mounted: null,
    owner: decision.owns ? null : context.caller.subject,
  }
}

/** What the command is told of the state that the caller wants to find. */
export function preconditions({ ifMatch, ifNoneMatch = false, force = false }: WriteOptions) {
  return {
    ifMatch: ifMatch === undefined ? null : typeof ifMatch === 'string' ? [ifMatch] : ifMatch,
    ifNoneMatch: typeof ifNoneMatch === 'boolean' ? (ifNoneMatch ? ['*'] : []) : ifNoneMatch,
    force,
  }
}

export interface WriteDecision {
  readonly bypass: boolean
  /** The caller is the owner already, through a directory above; or cannot be. */
  readonly owns: boolean
}

/** @throws NexusError ACCESS_DENIED */
export async function decideWrite(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  found: Lookup,
): Promise<WriteDecision> {
  const exists = found.node !== null
  const bypass = deps.guard.bypasses(context, at.tree)
  const parent = parentPath(at.path)
  const mayOwn = !exists && canOwn(context, at.tree)
  const questions: AccessQuestion[] = [
    ...(bypass ? [] : [{ path: exists ? at.path : parent, access: 'write' } as const]),
    ...(mayOwn ? [{ path: parent, access: 'execute' } as const] : []),
  ]
  const answers = await deps.guard.askToChange(context, at.tree, questions)
  // Always about the path that was asked for, so that a denial does not tell whether something is there.
  if (!bypass && answers[0] !== true) throw deps.guard.denial(context, 'write', { path: at.path, access: 'write' })
  return { bypass, owns: !mayOwn || answers.at(-1) === true }
}
