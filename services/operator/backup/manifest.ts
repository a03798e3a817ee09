import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { describeError, NexusError } from '../../common/errors/nexus-error.ts'

/** What the layout of a backup is called; a program refuses those that it does not know. */
export const FORMAT = 1
export const MANIFEST_FILE = 'manifest.json'
export const CONTENT_FOLDER = 'content'

const databaseSchema = z.strictObject({
  /** In the backup's directory. */
  file: z.enum(['gateway.db', 'rebac.db']),
  /** The last step of its history. */
  version: z.int().min(1),
  bytes: z.int(),
  sha256: z.string(),
  rows: z.int(),
})

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** ISO 8601: the moment whose state this is. */
  takenAt: z.string(),
  databases: z.strictObject({ gateway: databaseSchema, rebac: databaseSchema }),
  /** Each content's name is its SHA-256; which ones there must be, the gateway's database says. */
  contents: z.strictObject({ count: z.int(), bytes: z.int() }),
})

export type Manifest = z.infer<typeof manifestSchema>

/** The manifest and, as its last field, the SHA-256 of the rest. */
export function encodeManifest(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, sha256: checksum(manifest) }, null, 2)}\n`
}

/** @throws NexusError CONFIG_INVALID if there is no backup, DATABASE_TOO_NEW, DATABASE_DAMAGED */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST_FILE)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new NexusError('CONFIG_INVALID', `${folder} is not a backup: ${describeError(error)}.`, { cause: error })
  }
  const { sha256, ...rest } = parse(file, text)
  if (typeof rest['format'] === 'number' && rest['format'] > FORMAT) {
    const message = `The backup ${folder} has format ${rest['format']} but this program knows formats up to ${FORMAT}: use the program that made it, or a newer one.`
    throw new NexusError('DATABASE_TOO_NEW', message)
  }
  const manifest = manifestSchema.safeParse(rest)
  if (!manifest.success || sha256 !== checksum(manifest.data)) throw damagedBackup(`${file} is not as it was written`)
  return manifest.data
}

export function damagedBackup(what: string): NexusError {
  return new NexusError('DATABASE_DAMAGED', `The backup is damaged: ${what}. Nothing was restored; use another backup.`)
}

function parse(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // As any other text that is no manifest.
  }
  throw damagedBackup(`${file} cannot be read`)
}

/** Zod gives the fields in the order of the schema, so that this does not depend on how the file was written. */
function checksum(manifest: Manifest): string {
  return createHash('sha256')
    .update(JSON.stringify(manifestSchema.parse(manifest)))
    .digest('hex')
}
