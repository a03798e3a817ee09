import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Database, DatabaseObserver } from '../../../services/common/sql/database.ts'
import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'
import { openDatabase } from '../../../services/common/sql/open-database.ts'
import { commands, type NoteCommands, notesCommandsUrl, notesMigrations } from './notes.ts'

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-sql-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function newFile(): Promise<string> {
  return join(await temporaryFolder(), 'notes.db')
}

/** Opens the database of notes; it is closed after the test. */
export async function openNotes(
  url: string,
  observer?: DatabaseObserver,
  migrations: readonly MigrationTemplate[] = notesMigrations,
): Promise<Database<NoteCommands>> {
  const database = await openDatabase({
    url,
    migrations,
    commands,
    commandsUrl: notesCommandsUrl,
    applicationName: 'nexus-sql-test',
    ...(observer === undefined ? {} : { observer }),
  })
  onTestFinished(() => database.close())
  return database
}

/** The reason that a promise fails with; 'ok' if it does not. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'ok'
  } catch (error) {
    return error instanceof NexusError ? error.reason : `not ours: ${String(error)}`
  }
}

/** The error that a promise fails with. */
export async function errorOf(promise: Promise<unknown>): Promise<NexusError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof NexusError) return error
    throw error
  }
  throw new Error('it did not fail')
}
