import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { FileContentStore } from '../../../gateway/content/file-content-store.ts'
import { openGatewayDatabase } from '../../../gateway/store/open-store.ts'

export const TENANT = 'bench'
/** The directory of everything, below it one of a tenth of all files, and many of a thousand each. */
export const TREE = '/w/tree'
const IN_ONE = 1_000

/**
 * Stores files as the gateway would have stored them, all with the same content: through it, a million would take most
 * of an hour.
 */
export async function seedFiles(dataDir: string, count: number): Promise<void> {
  const file = join(dataDir, 'gateway.db')
  await (await openGatewayDatabase({ url: `sqlite:${file}` })).close()
  const content = Buffer.from('seeded')
  const hash = createHash('sha256').update(content).digest('hex')
  await new FileContentStore(join(dataDir, 'content')).put(hash, content)
  const database = new Database(file)
  try {
    const node =
      database.prepare(`insert into nodes (tenant, node_id, parent_id, name, kind, implicit, content_hash, size, version,
  created_at, modified_at, created_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 'user:root')`)
    const version =
      database.prepare(`insert into versions (tenant, node_id, version, version_id, content_hash, size, source_type,
  created_at, created_by) values (?, ?, 1, ?, ?, ?, 'original', 1, 'user:root')`)
    const directory = (parent: string, name: string): string => {
      const id = uuidv7()
      node.run(TENANT, id, parent, name, 'directory', 1, null, 0, 0)
      return id
    }
    const fileIn = (parent: string, name: string): void => {
      const id = uuidv7()
      node.run(TENANT, id, parent, name, 'file', 0, hash, content.byteLength, 1)
      version.run(TENANT, id, uuidv7(), hash, content.byteLength)
    }
    database.transaction(() => {
      database.prepare('insert into tenants (tenant, created_at) values (?, 1)').run(TENANT)
      database
        .prepare('insert into contents (content_hash, size, leased_until, created_at) values (?, ?, 0, 1)')
        .run(hash, content.byteLength)
      const top = TREE.slice(1).split('/').reduce(directory, '')
      const big = directory(top, 'big')
      for (let index = 0; index < count / 10; index++) fileIn(big, fileName(index))
      for (let index = 0, parent = ''; index < (count / 10) * 9; index++) {
        if (index % IN_ONE === 0) parent = directory(top, `d${String(index / IN_ONE).padStart(4, '0')}`)
        fileIn(parent, fileName(index % IN_ONE))
      }
    })()
  } finally {
    database.close()
  }
}

/** The name of a file by its place in its directory. */
export function fileName(index: number): string {
  return `file-${String(index).padStart(6, '0')}.txt`
}
