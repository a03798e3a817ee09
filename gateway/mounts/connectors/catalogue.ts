import { S3Client } from '@aws-sdk/client-s3'
import { resolve, sep } from 'node:path'
import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../../services/common/json.ts'
import type { Connector } from './contract.ts'
import { LocalConnector } from './local/local-connector.ts'
import { MemoryConnector } from './memory-connector.ts'
import { S3Connector } from './s3/s3-connector.ts'

/** What the configuration allows to be mounted. */
export interface ConnectorSettings {
  /** Directories of this machine; `tenant` is null where every tenant may mount them. */
  readonly localRoots: readonly LocalRoot[]
  /** Where object stores other than AWS may be, as origins such as http://minio:9000; 'any' for all. */
  readonly s3Endpoints: readonly string[] | 'any'
  /** Mounts that live in the memory of one process. */
  readonly memory: boolean
  readonly timeoutMs: number
}

export interface LocalRoot {
  readonly tenant: string | null
  readonly directory: string
}

/** A kind of back end, as list_connectors describes it. */
export interface ConnectorKind {
  readonly name: string
  readonly aliases: readonly string[]
  readonly description: string
  readonly category: 'storage'
  /** Parameters of `backend_config` that must be there. */
  readonly requires: readonly string[]
  /** Names of `backend_config` that are never shown. */
  readonly secrets: readonly string[]
  /** Checks a configuration and makes what opens it. @throws NexusError INVALID_PARAMS */
  readonly open: (config: JsonObject, tenant: string) => () => Connector
}

const filled = z.string().min(1).max(4_096)

/** The kinds of back ends that can be mounted here. */
export function connectorKinds(settings: ConnectorSettings): readonly ConnectorKind[] {
  const memory: ConnectorKind = {
    name: 'memory',
    aliases: ['MemoryBackend', 'memory_connector'],
    description: 'Files in the memory of one process, gone when it ends: for tests',
    category: 'storage',
    requires: [],
    secrets: [],
    open: (config) => {
      parse(z.strictObject({}), config)
      return () => new MemoryConnector()
    },
  }
  return [localKind(settings), s3Kind(settings), ...(settings.memory ? [memory] : [])]
}

const localConfig = z
  .strictObject({ data_dir: filled.optional(), root_path: filled.optional(), path: filled.optional() })
  .transform(({ data_dir, root_path, path }) => data_dir ?? root_path ?? path)

function localKind({ localRoots }: ConnectorSettings): ConnectorKind {
  return {
    name: 'local',
    aliases: ['LocalBackend', 'local_connector'],
    description: 'A directory of the machine that the server runs on, as far as NEXUS_LOCAL_MOUNT_ROOTS allows it',
    category: 'storage',
    requires: ['data_dir'],
    secrets: [],
    open(config, tenant) {
      const directory = parse(localConfig, config)
      if (directory === undefined) throw invalid("'backend_config.data_dir' is missing: the directory to mount")
      const place = resolve(directory)
      // The longest, so that the most is known to be what an administrator named.
      const root = localRoots
        .filter(
          (one) =>
            (one.tenant ?? tenant) === tenant &&
            (place === one.directory || place.startsWith(withSlash(one.directory))),
        )
        .sort((a, b) => b.directory.length - a.directory.length)[0]
      if (root === undefined || !directory.startsWith('/')) {
        throw invalid(
          "'backend_config.data_dir' is not within a directory that NEXUS_LOCAL_MOUNT_ROOTS allows this tenant to mount",
        )
      }
      const below = place
        .slice(withSlash(root.directory).length)
        .split(sep)
        .filter((name) => name !== '')
      return () => new LocalConnector({ root: root.directory, below })
    },
  }
}

function withSlash(directory: string): string {
  return directory.endsWith('/') ? directory : `${directory}/`
}

const s3Config = z.strictObject({
  bucket: filled.optional(),
  bucket_name: filled.optional(),
  prefix: z.string().max(1_024).optional(),
  region: filled.optional(),
  region_name: filled.optional(),
  endpoint: filled.optional(),
  endpoint_url: filled.optional(),
  access_key_id: filled,
  secret_access_key: filled,
  session_token: filled.optional(),
  force_path_style: z.boolean().optional(),
})

function s3Kind({ s3Endpoints, timeoutMs }: ConnectorSettings): ConnectorKind {
  return {
    name: 's3_connector',
    aliases: ['s3', 'S3ConnectorBackend', 'S3Backend'],
    description: 'A bucket of Amazon S3 or of a store that speaks its protocol; keys are paths',
    category: 'storage',
    // Never the credentials of the server itself: whoever may mount would have all that they open.
    requires: ['bucket', 'access_key_id', 'secret_access_key'],
    secrets: ['access_key_id', 'secret_access_key', 'session_token'],
    open(given) {
      const config = parse(s3Config, given)
      const bucket = config.bucket ?? config.bucket_name
      if (bucket === undefined) throw invalid("'backend_config.bucket' is missing")
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
        throw invalid("'backend_config.bucket' is no name of a bucket")
      const endpoint = endpointOf(config.endpoint ?? config.endpoint_url, s3Endpoints)
      const prefix = (config.prefix ?? '').replace(/^\/+|\/+$/g, '')
      const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = config
      return () => {
        const client = new S3Client({
          region: config.region ?? config.region_name ?? 'us-east-1',
          ...(endpoint === null ? {} : { endpoint }),
          forcePathStyle: config.force_path_style ?? endpoint !== null,
          credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
          // Other stores do not know the newer checksums.
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
          maxAttempts: 2,
          requestHandler: { connectionTimeout: timeoutMs },
        })
        return new S3Connector({ client, bucket, prefix: prefix === '' ? '' : `${prefix}/` })
      }
    },
  }
}

/** A server that connects to wherever it is told to would reach what its callers cannot. */
function endpointOf(text: string | undefined, allowed: ConnectorSettings['s3Endpoints']): string | null {
  if (text === undefined) return null
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid("'backend_config.endpoint' must be a URL such as https://s3.example.com, without credentials")
  }
  if (allowed !== 'any' && !allowed.includes(url.origin)) {
    throw invalid("'backend_config.endpoint' is not one that NEXUS_S3_MOUNT_ENDPOINTS allows")
  }
  return text
}

/** Every problem is named; values, which may be secrets, are not. */
function parse<S extends z.ZodType>(schema: S, config: JsonObject): z.output<S> {
  const parsed = schema.safeParse(config)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `'backend_config' has unknown names: ${issue.keys.join(', ')}`
    const name = `'backend_config.${issue.path.join('.')}'`
    return issue.path.every((part) => Object.hasOwn(config, part)) ? `${name} has the wrong form` : `${name} is missing`
  })
  throw invalid(problems.join('; '))
}

function invalid(message: string): NexusError {
  return new NexusError('INVALID_PARAMS', message)
}

/** The kind of a name that a client gave. @throws NexusError INVALID_PARAMS */
export function kindOf(kinds: readonly ConnectorKind[], name: string): ConnectorKind {
  const kind = kinds.find((one) => one.name === name || one.aliases.includes(name))
  if (kind !== undefined) return kind
  const names = kinds.map((one) => one.name).join(', ')
  throw invalid(`backend_type must be one of: ${names}`)
}

const MASK = '********'

/** A configuration as it may be shown. What a kind is not known for any more is masked as a whole. */
export function masked(kinds: readonly ConnectorKind[], backendType: string, config: JsonObject): JsonObject {
  const kind = kinds.find(({ name }) => name === backendType)
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, kind?.secrets.includes(name) === false ? value : MASK]),
  )
}
