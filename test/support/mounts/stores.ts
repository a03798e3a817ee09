import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import S3rver from 's3rver'
import { giveS3rverACipher } from './des-for-s3rver.ts'

/** A back end as somebody else who works with it sees it. */
export interface Store {
  /** What add_mount is told. */
  readonly spec: { readonly backend_type: string; readonly backend_config: Readonly<Record<string, unknown>> }
  put(key: string, text: string): Promise<void>
  /** null if it is not there. */
  get(key: string): Promise<string | null>
  remove(key: string): Promise<void>
  /** Of files, sorted. */
  keys(): Promise<readonly string[]>
}

/** A place for back ends of one kind. */
export interface Stores {
  /** Settings that the gateway needs for them. */
  readonly settings: Readonly<Record<string, string>>
  make(): Promise<Store>
  close(): Promise<void>
}

export const STORES: readonly (readonly [string, () => Promise<Stores>])[] = [
  ['a local directory', localStores],
  ['a bucket', s3Stores],
]

/** Directories below one that is allowed. */
export async function localStores(): Promise<Stores & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'nexus-mounts-'))
  return {
    root,
    settings: { NEXUS_LOCAL_MOUNT_ROOTS: root },
    async make() {
      const directory = await mkdtemp(join(root, 'store-'))
      return {
        spec: { backend_type: 'local', backend_config: { data_dir: directory } },
        async put(key, text) {
          await mkdir(dirname(join(directory, key)), { recursive: true })
          await writeFile(join(directory, key), text)
        },
        get: (key) => readFile(join(directory, key), 'utf8').catch(() => null),
        remove: (key) => rm(join(directory, key), { recursive: true }),
        async keys() {
          const found = await readdir(directory, { recursive: true, withFileTypes: true })
          return found
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
            .sort()
        },
      }
    },
    close: () => rm(root, { recursive: true, force: true }),
  }
}

export const S3_SECRET = 'S3RVER-SECRET'
const BUCKET = 'mounted'

/** Prefixes of a bucket of an S3 server. */
export async function s3Stores(): Promise<Stores & { readonly endpoint: string }> {
  giveS3rverACipher()
  const directory = await mkdtemp(join(tmpdir(), 'nexus-s3-'))
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET }],
  })
  const { port } = await server.run()
  const endpoint = `http://127.0.0.1:${port}`
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: S3_SECRET }
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  let made = 0
  return {
    endpoint,
    settings: {},
    make() {
      const prefix = `store${++made}`
      const at = (key: string) => ({ Bucket: BUCKET, Key: `${prefix}/${key}` })
      const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = credentials
      return Promise.resolve({
        spec: {
          backend_type: 's3_connector',
          backend_config: { bucket: BUCKET, prefix, endpoint, access_key_id, secret_access_key },
        },
        put: async (key, text) => void (await client.send(new PutObjectCommand({ ...at(key), Body: text }))),
        async get(key) {
          try {
            const { Body } = await client.send(new GetObjectCommand(at(key)))
            return (await Body?.transformToString()) ?? null
          } catch {
            return null
          }
        },
        remove: async (key) => void (await client.send(new DeleteObjectCommand(at(key)))),
        async keys() {
          const { Contents = [] } = await client.send(
            new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/` }),
          )
          return Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1)).filter((key) => !key.endsWith('/'))
        },
      })
    },
    async close() {
      client.destroy()
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
