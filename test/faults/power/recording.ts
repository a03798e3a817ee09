import { dirname, relative } from 'node:path'
import { type DiskCall, diskCall } from './disk-call.ts'
import { counts, type Folder } from './folder.ts'
import { type Moment, readTrace } from './trace.ts'

/** When something was done, and from which place on it outlives a loss of power: from the end of a later sync. */
interface Done {
  readonly begun: number
  readonly ended: number
  durable: number
}

type Write = Done & ({ readonly data: Buffer; readonly offset: number } | { readonly size: number })

/** A file, whatever its name. */
export interface RecordedFile {
  readonly initial: Buffer
  readonly writes: Write[]
  /** After the last write without an offset, in bytes. */
  position: number
}

/** What became of a name; null: it was removed. `from` lost the file to it. */
type Naming = Done & { readonly path: string; readonly file: RecordedFile | null; readonly from?: string }

/** A moment at which the power may be lost. */
export interface Sync {
  readonly path: string
  readonly begun: Moment
  readonly ended: Moment
}

/** Everything that was done to a folder, and when it became durable. Nothing is durable without a sync of its own. */
export class Recording {
  readonly base: Folder
  readonly namings: Naming[] = []
  readonly directories: (Done & { readonly path: string })[] = []
  readonly syncs: Sync[] = []
  /** What the names of `base` stood for at first. */
  readonly initial: ReadonlyMap<string, RecordedFile>
  readonly #files: Map<string, RecordedFile>

  constructor(base: Folder) {
    this.base = base
    this.initial = new Map([...base.files].map(([path, initial]) => [path, { initial, writes: [], position: 0 }]))
    this.#files = new Map(this.initial)
  }

  /** @param trace of strace, begun when the folder was as in `base` */
  static async read(trace: string, folder: string, base: Folder): Promise<Recording> {
    const recording = new Recording(base)
    for await (const traced of readTrace(trace)) {
      const call = diskCall(traced, folder)
      if (call !== null) recording.add(call, folder)
    }
    return recording
  }

  /** To files that were there at first or had a name since. */
  get writeCount(): number {
    const files = new Set([...this.initial.values(), ...this.namings.map(({ file }) => file)])
    return [...files].reduce((sum, file) => sum + (file?.writes.length ?? 0), 0)
  }

  add(call: DiskCall, folder: string): void {
    const name = (path: string): string => relative(folder, path)
    const done = { begun: call.begun.place, ended: call.ended.place, durable: Infinity }
    if (call.kind === 'rename') return this.#rename(name(call.from), name(call.to), done)
    const path = name(call.path)
    if (!counts(path)) return
    if (call.kind === 'open') this.#open(path, call.creates, call.truncates, done)
    else if (call.kind === 'mkdir') this.directories.push({ ...done, path })
    else if (call.kind === 'remove') this.#remove(path, done)
    else if (call.kind === 'sync') this.#sync({ path, begun: call.begun, ended: call.ended })
    else if (call.kind === 'truncate') this.#file(path).writes.push({ ...done, size: call.size })
    else {
      const file = this.#file(path)
      const offset = call.offset ?? file.position
      if (call.offset === null) file.position += call.data.length
      file.writes.push({ ...done, data: call.data, offset })
    }
  }

  #file(path: string): RecordedFile {
    const file = this.#files.get(path)
    if (file === undefined) throw new Error(`the recording does not know how ${path} was made`)
    return file
  }

  #open(path: string, creates: boolean, truncates: boolean, done: Done): void {
    const known = this.#files.get(path)
    if (known === undefined) {
      if (!creates) return
      const file: RecordedFile = { initial: Buffer.alloc(0), writes: [], position: 0 }
      this.#files.set(path, file)
      this.namings.push({ ...done, path, file })
      return
    }
    known.position = 0
    if (truncates) known.writes.push({ ...done, size: 0 })
  }

  #rename(from: string, to: string, done: Done): void {
    const file = this.#file(from)
    this.#files.delete(from)
    this.#files.set(to, file)
    this.namings.push({ ...done, path: to, file, from })
  }

  #remove(path: string, done: Done): void {
    this.#files.delete(path)
    this.namings.push({ ...done, path, file: null })
  }

  /** Of a file: its bytes. Of a directory: the names in it, not the bytes of what they name. */
  #sync(sync: Sync): void {
    this.syncs.push(sync)
    const file = this.#files.get(sync.path)
    if (file !== undefined) return settle(file.writes, sync)
    settle(
      [...this.namings, ...this.directories].filter(({ path }) => parentOf(path) === sync.path),
      sync,
    )
  }
}

/** What had ended when the sync began is durable when it ends. */
function settle(all: readonly Done[], { begun, ended }: Sync): void {
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const done = all[index]
    if (done !== undefined && done.ended < begun.place && done.durable === Infinity) done.durable = ended.place
  }
}

/** Of a name relative to the folder; the folder itself is ''. */
function parentOf(path: string): string {
  const above = dirname(path)
  return above === '.' ? '' : above
}
