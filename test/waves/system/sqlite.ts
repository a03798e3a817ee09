import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { DatabaseCheck, SystemDatabases } from './databases.ts'

/** The embedded default: two files in the data directory. */
export function sqliteDatabases(dataDir: string): SystemDatabases {
  return {
    kind: 'sqlite',
    environment: {},
    check: () => Promise.resolve(merge(['rebac.db', 'gateway.db'].map((file) => checkFile(join(dataDir, file), file)))),
    query: (database, sql) => Promise.resolve(queryFile(join(dataDir, `${database}.db`), sql)),
    dispose: () => Promise.resolve(),
  }
}

function queryFile(path: string, sql: string): Record<string, unknown>[] {
  const database = new Database(path, { fileMustExist: true, readonly: true })
  try {
    return database.prepare<[], Record<string, unknown>>(sql).all()
  } finally {
    database.close()
  }
}

function checkFile(path: string, name: string): DatabaseCheck {
  const database = new Database(path, { fileMustExist: true })
  try {
    const rows = database.pragma('integrity_check') as { integrity_check: string }[]
    const answer = rows.map((row) => row.integrity_check).join('; ')
    const dangling = database.pragma('foreign_key_check') as unknown[]
    const problems = answer === 'ok' ? [] : [`${name}: integrity_check says ${answer.slice(0, 500)}`]
    if (dangling.length > 0) problems.push(`${name}: ${dangling.length} rows refer to rows that are not there`)
    return { summary: `${name}: integrity_check ${answer.slice(0, 60)}`, problems }
  } finally {
    database.close()
  }
}

function merge(checks: readonly DatabaseCheck[]): DatabaseCheck {
  return {
    summary: checks.map((check) => check.summary).join(', '),
    problems: checks.flatMap((check) => check.problems),
  }
}
