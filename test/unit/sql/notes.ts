import type { CommandSet, Script, Settled } from '../../../services/common/sql/script.ts'
import { all, first, run } from '../../../services/common/sql/script.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { MigrationTemplate } from '../../../services/common/sql/ddl.ts'

/** A small database for the tests of services/common/sql: notes with unique ids. */
export const notesMigrations: readonly MigrationTemplate[] = [
  { name: 'notes', sql: 'create table notes (id TEXT primary key, place INT not null END_TABLE;' },
]

export interface Note {
  readonly id: string
  readonly place: number
}

/** Writes that run as one, and so fail as one. */
const addTogether = Object.assign(
  function* ({ id, place }: Note): Script<string> {
    return yield* commands.add({ id, place })
  },
  {
    *together(notes: readonly Note[]): Script<readonly Settled<string>[]> {
      for (const note of notes) yield* commands.add(note)
      return notes.map(({ id }) => ({ ok: true, value: id }))
    },
  },
)

/** SQLite's writer thread imports this. */
export const commands = {
  *add({ id, place }: Note): Script<string> {
    yield* run('insert into notes (id, place) values ($1, $2)', id, place)
    return id
  },
  addTogether,
  /** Writes, and then fails: what was written must not stay. */
  *addAndFail({ id, place }: Note): Script<void> {
    yield* run('insert into notes (id, place) values ($1, $2)', id, place)
    throw new NexusError('CONFLICT', `no ${id}`, { data: { id } })
  },
  *breakSql(_nothing: null): Script<void> {
    yield* run('insert into nowhere (id) values (1)')
  },
  *lockAndAdd({ id, place }: Note): Script<void> {
    yield* first({ sqlite: 'select 1', postgres: "select id from notes where id = 'gate' for update" })
    yield* run('insert into notes (id, place) values ($1, $2)', id, place)
  },
  *echo(value: unknown): Script<unknown> {
    yield* first('select 1 as one')
    return value
  },
  /** What a defect of the driver might do: end the thread in the middle of a transaction. */
  *die({ id, place }: Note): Script<void> {
    yield* run('insert into notes (id, place) values ($1, $2)', id, place)
    process.exit(1)
  },
} satisfies CommandSet

export type NoteCommands = typeof commands

export const notesCommandsUrl = import.meta.url

export function* readNotes(): Script<readonly Note[]> {
  return yield* all<Note>('select id, place from notes order by place, id')
}

/** For tests that compare sets: a client may time out on a write that was committed. */
export function* readIds(): Script<readonly string[]> {
  return (yield* all<{ id: string }>('select id from notes order by id')).map(({ id }) => id)
}
