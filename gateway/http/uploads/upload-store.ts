import { mkdirSync } from 'node:fs'
import { readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'
import { describeError, NexusError } from '../../../services/common/errors/nexus-error.ts'

/** What an upload shall become, and whose it is. Kept with it, and shown to its owner. */
export interface UploadPlan {
  readonly path: string
  readonly owner: string
  /** An ETag that the file must have, or '*'. */
  readonly ifMatch: string | undefined
  /** Nothing may stand at the path. */
  readonly ifNoneMatch: boolean
  /** The version that it became. */
  readonly version: number | undefined
}

/** Unfinished uploads as files, which survive restarts and are shared by gateways that share the directory. */
export class UploadStore extends FileStore {
  /** @param expiryMs how long an upload may take from its creation, in milliseconds */
  static open(directory: string, expiryMs: number): UploadStore {
    try {
      // The library would do it later, and end the process if it cannot.
      mkdirSync(directory, { recursive: true })
    } catch (error) {
      const message = `The directory ${directory} for uploads cannot be made (${describeError(error)}): check NEXUS_CONTENT_URL.`
      throw new NexusError('CONFIG_INVALID', message, { cause: error })
    }
    return new UploadStore({ directory, expirationPeriodInMilliseconds: expiryMs })
  }

  planOf({ metadata = {} }: Pick<Upload, 'metadata'>): UploadPlan {
    const { path, owner, if_match: ifMatch, if_none_match: ifNoneMatch, version } = metadata
    return {
      path: path ?? '',
      owner: owner ?? '',
      ifMatch: ifMatch ?? undefined,
      ifNoneMatch: ifNoneMatch === 'true' || ifNoneMatch === '*',
      version: version === undefined ? undefined : Number(version),
    }
  }

  /**
   * Removes what is older than an upload may take, finished or not, and halves that a crash has left: bytes without a
   * note, a note without bytes. Answers how many uploads.
   */
  override async deleteExpired(): Promise<number> {
    const before = Date.now() - this.getExpiration()
    const ids = new Set((await readdir(this.directory)).map((name) => name.replace(/\.json$/, '')))
    let deleted = 0
    for (const id of ids) {
      if ((await this.#begun(id)) > before) continue
      await this.remove(id)
      deleted += 1
    }
    return deleted
  }

  /** Also what is left of one that is not whole any more. */
  override async remove(id: string): Promise<void> {
    for (const name of [id, `${id}.json`]) await rm(join(this.directory, name), { force: true })
  }

  /** The bytes of an upload, piece by piece. No file is open before they are read. @throws NexusError FILE_NOT_FOUND */
  async *contentOf(id: string): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of this.read(id)) yield piece as Uint8Array
    } catch (error) {
      if (!isMissing(error)) throw error
      const message = 'The bytes of this upload are gone, as it was deleted or has expired: begin it anew.'
      throw new NexusError('FILE_NOT_FOUND', message, { cause: error })
    }
  }

  /** When an upload was begun, in milliseconds since 1970; by its newest file where no note says so. */
  async #begun(id: string): Promise<number> {
    const noted = (await this.configstore.get(id))?.creation_date
    if (noted !== undefined) return Date.parse(noted)
    const times = [id, `${id}.json`].map((name) =>
      stat(join(this.directory, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    )
    return Math.max(...(await Promise.all(times)))
  }

  /** Notes that an upload has become a version of its file. Its length is still told; its bytes are not kept. */
  async finish(upload: Upload, version: number): Promise<void> {
    const { id, size = 0, creation_date, metadata } = upload
    const noted = { ...metadata, version: `${version}` }
    // The offset in the note is not that of the file; the one that is not the size lets it expire.
    const note = new Upload({ id, size, offset: -1, metadata: noted, ...(creation_date && { creation_date }) })
    await this.configstore.set(id, note)
    const file = join(this.directory, id)
    try {
      await truncate(file, 0)
      await truncate(file, size)
    } catch (error) {
      // It expired meanwhile; what it has become stays.
      if (!isMissing(error)) throw error
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
