import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SystemDatabases } from '../../waves/system/databases.ts'

/** Whether every content that a version refers to is there and is what its name says; the problems, in words. */
export async function auditContents(databases: SystemDatabases, data: string): Promise<string[]> {
  const rows = await databases.query('gateway', 'select distinct content_hash as hash from versions')
  return rows.flatMap(({ hash }) => {
    const name = String(hash)
    const file = join(data, 'content', name.slice(0, 2), name.slice(2, 4), name)
    if (!existsSync(file)) return [`content ${name} is not there`]
    const found = createHash('sha256').update(readFileSync(file)).digest('hex')
    return found === name ? [] : [`content ${name} is not whole`]
  })
}
