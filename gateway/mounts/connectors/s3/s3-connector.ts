import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { Readable } from 'node:stream'
import type { BackendContent, BackendEntry, BackendPage, Connector, NewBackendContent } from '../contract.ts'
import { directory } from '../memory-connector.ts'
import { isAbsent, refusal } from './s3-errors.ts'

/** Larger objects are sent in parts, in bytes. */
const PART_BYTES = 67_108_864
const DELETE_BATCH = 1_000

export interface S3ConnectorOptions {
  /** Is closed with the connector. */
  readonly client: S3Client
  readonly bucket: string
  /** '' or ends with a slash. */
  readonly prefix: string
}

/**
 * A bucket, or what has a prefix in it; keys are paths. A directory exists by what is in it, or by an empty object whose
 * key ends with a slash. Where an object has the name of such a directory, the object is what stands there.
 */
export class S3Connector implements Connector {
  readonly realDirectories = false
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string

  constructor({ client, bucket, prefix }: S3ConnectorOptions) {
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix
  }

  async stat(key: string, signal: AbortSignal): Promise<BackendEntry | null> {
    if (key === '') return directory('', false)
    const file = await this.#head(key, signal)
    if (file !== null) return file
    const Prefix = this.#object(`${key}/`)
    // A smaller page would do; some stores fail where a page is not the last.
    const { Contents: [first] = [] } = await this.#page({ Prefix }, signal)
    return first === undefined ? null : directory(key, first.Key !== Prefix)
  }

  async list(key: string, deep: boolean, from: unknown, signal: AbortSignal): Promise<BackendPage> {
    const prefix = key === '' ? this.#prefix : this.#object(`${key}/`)
    const asked = { Prefix: prefix, ...(typeof from === 'string' ? { ContinuationToken: from } : {}) }
    // Of little all is told at once. There are stores whose delimited lists miss directories that only hold directories.
    const flat = deep || from === null ? await this.#page(asked, signal) : null
    if (flat !== null && (deep || flat.IsTruncated !== true)) {
      const { entries, unusable } = this.#entriesOf(flat, prefix)
      const inReach = deep
        ? entries
        : entries.filter((entry) => !entry.key.slice(prefix.length - this.#prefix.length).includes('/'))
      return { entries: inReach, unusable, next: nextOf(flat) }
    }
    const page = await this.#page({ ...asked, Delimiter: '/' }, signal)
    return { ...this.#entriesOf(page, prefix), next: nextOf(page) }
  }

  async read(key: string, signal: AbortSignal): Promise<BackendContent | null> {
    try {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key: this.#object(key) })
      const { Body, ContentLength = 0, ETag, LastModified } = await this.#client.send(command, { abortSignal: signal })
      const modifiedAt = LastModified?.getTime() ?? null
      const token = tokenOf(ETag, ContentLength, modifiedAt)
      return { token, size: ContentLength, modifiedAt, bytes: Body as Readable }
    } catch (error) {
      if (isAbsent(error)) return null
      throw error
    }
  }

  async write(key: string, { size, open }: NewBackendContent, signal: AbortSignal): Promise<BackendEntry> {
    const target = { Bucket: this.#bucket, Key: this.#object(key) }
    await refusal(key, async () => {
      const Body = await open()
      const broken = new AbortController()
      // The client only pipes it: an error that nobody listens to would end the process.
      Body.on('error', (error) => broken.abort(error))
      const ended = AbortSignal.any([signal, broken.signal])
      try {
        if (size <= PART_BYTES) {
          const command = new PutObjectCommand({ ...target, Body, ContentLength: size })
          await this.#client.send(command, { abortSignal: ended })
        } else {
          const upload = new Upload({
            client: this.#client,
            params: { ...target, Body },
            queueSize: 1,
            partSize: PART_BYTES,
          })
          const stop = (): void => void upload.abort()
          ended.addEventListener('abort', stop, { once: true })
          await upload.done().finally(() => ended.removeEventListener('abort', stop))
        }
      } catch (error) {
        broken.signal.throwIfAborted()
        throw error
      } finally {
        Body.destroy()
      }
    })
    const written = await this.#head(key, signal)
    if (written === null) throw new Error('an object that was written is not there')
    return written
  }

  async makeDirectory(key: string, signal: AbortSignal): Promise<void> {
    const target = { Bucket: this.#bucket, Key: this.#object(`${key}/`) }
    await refusal(key, () =>
      this.#client.send(new PutObjectCommand({ ...target, Body: new Uint8Array(), ContentLength: 0 }), {
        abortSignal: signal,
      }),
    )
  }

  async remove(key: string, kind: BackendEntry['kind'], signal: AbortSignal): Promise<void> {
    if (kind === 'file') return await this.#delete(key, [this.#object(key)], signal)
    // Each round finds what is left: a listing must not go on over what is deleted meanwhile.
    for (;;) {
      const { Contents = [] } = await this.#page({ Prefix: this.#object(`${key}/`) }, signal)
      const keys = Contents.flatMap(({ Key }) => Key ?? [])
      if (keys.length === 0) return
      await this.#delete(key, keys, signal)
    }
  }

  /** Object by object, first all copies: what breaks off half-way has lost nothing. */
  async rename(from: string, to: string, kind: BackendEntry['kind'], signal: AbortSignal): Promise<void> {
    const keys = kind === 'file' ? [this.#object(from)] : await this.#keysBelow(this.#object(`${from}/`), signal)
    const [source, target] = [this.#object(from), this.#object(to)]
    await refusal(to, async () => {
      for (const key of keys) {
        const copy = new CopyObjectCommand({
          Bucket: this.#bucket,
          Key: `${target}${key.slice(source.length)}`,
          CopySource: `${this.#bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
        })
        await this.#client.send(copy, { abortSignal: signal })
      }
    })
    for (let start = 0; start < keys.length; start += DELETE_BATCH)
      await this.#delete(from, keys.slice(start, start + DELETE_BATCH), signal)
  }

  close(): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }

  async #head(key: string, signal: AbortSignal): Promise<BackendEntry | null> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#object(key) })
      const { ContentLength = 0, ETag, LastModified } = await this.#client.send(command, { abortSignal: signal })
      return fileEntry(key, ETag, ContentLength, LastModified)
    } catch (error) {
      if (isAbsent(error)) return null
      throw error
    }
  }

  async #page(
    query: { Prefix: string; Delimiter?: string; ContinuationToken?: string },
    signal: AbortSignal,
  ): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({ Bucket: this.#bucket, ...query })
    return await this.#client.send(command, { abortSignal: signal })
  }

  /** Directories that are only implied come with each page; those who take pages together take each once. */
  #entriesOf({ Contents = [], CommonPrefixes = [] }: ListObjectsV2CommandOutput, prefix: string) {
    const entries = new Map<string, BackendEntry>()
    const unusable: string[] = []
    for (const { Prefix = '' } of CommonPrefixes) {
      const key = Prefix.slice(this.#prefix.length, -1)
      entries.set(key, directory(key, true))
    }
    for (const { Key = '', ETag, Size = 0, LastModified } of Contents) {
      const marker = Key.endsWith('/')
      const key = Key.slice(this.#prefix.length, marker ? -1 : undefined)
      if (Key === prefix) continue
      // A name that is empty, as after a double slash, is none.
      if (key.split('/').includes('')) {
        unusable.push(Key.slice(this.#prefix.length))
        continue
      }
      addAbove(entries, key, prefix.length - this.#prefix.length)
      if (!marker) entries.set(key, fileEntry(key, ETag, Size, LastModified))
      else if (entries.get(key)?.kind !== 'file') entries.set(key, directory(key, false))
    }
    return { entries: [...entries.values()], unusable }
  }

  async #keysBelow(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = []
    for (let token: string | undefined; ; ) {
      const query = { Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }
      const page = await this.#page(query, signal)
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
      const next = nextOf(page)
      if (next === null) return keys
      token = next
    }
  }

  async #delete(key: string, keys: readonly string[], signal: AbortSignal): Promise<void> {
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true }
    await refusal(key, async () => {
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete })
      const { Errors: [first] = [] } = await this.#client.send(command, { abortSignal: signal })
      if (first !== undefined) throw Object.assign(new Error('an object was not deleted'), { name: first.Code ?? '' })
    })
  }

  #object(key: string): string {
    return `${this.#prefix}${key}`
  }
}

/** Where the next page begins; null at the end. A page that is not the last must say where the next one begins. */
function nextOf({ IsTruncated, NextContinuationToken }: ListObjectsV2CommandOutput): string | null {
  if (IsTruncated !== true) return null
  if (NextContinuationToken === undefined) throw new Error('a list is cut off without a place to go on')
  return NextContinuationToken
}

/** The directories above a key that are only implied, below those that are there anyway. */
function addAbove(entries: Map<string, BackendEntry>, key: string, from: number): void {
  for (let slash = key.indexOf('/', from); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    const above = key.slice(0, slash)
    if (!entries.has(above)) entries.set(above, directory(above, true))
  }
}

function fileEntry(key: string, etag: string | undefined, size: number, modified: Date | undefined): BackendEntry {
  const modifiedAt = modified?.getTime() ?? null
  return { key, kind: 'file', implicit: false, size, modifiedAt, token: tokenOf(etag, size, modifiedAt) }
}

/** An ETag is enough on AWS; other stores are less strict about it. Times of a listing and of a head differ below the second. */
function tokenOf(etag: string | undefined, size: number, modifiedAt: number | null): string {
  return `${etag ?? ''}-${size}-${modifiedAt === null ? '' : Math.floor(modifiedAt / 1_000)}`
}
