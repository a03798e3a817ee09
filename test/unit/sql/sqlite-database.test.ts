import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { anyDatabaseTests } from './any-database.ts'
import { readIds } from './notes.ts'
import { errorOf, newFile, openNotes, outcome, temporaryFolder } from './support.ts'

/** Another process takes SQLite's write lock; the answer lets go of it. */
async function holdLock(file: string): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('./hold-lock.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  await once(child.stdout, 'data')
  return async () => {
    const exit = once(child, 'exit')
    child.stdin.end('\n')
    await exit
  }
}

describe('SQLite database', () => {
  anyDatabaseTests(async () => `sqlite:${await newFile()}`)

  it('7.1 while another process holds the lock, writers wait and readers go on; then the writers succeed', async () => {
    const file = await newFile()
    const database = await openNotes(`sqlite:${file}`)
    await database.write('add', { id: 'first', place: 0 })
    const release = await holdLock(file)
    let written = 0
    const writes = Array.from({ length: 50 }, (_, place) =>
      outcome(database.write('add', { id: `${place}`, place })).finally(() => (written += 1)),
    )
    for (let turn = 0; turn < 50; turn++) expect(await database.read(readIds)).toEqual(['first'])
    expect(written).toBe(0)
    await release()
    expect(await Promise.all(writes)).toEqual(writes.map(() => 'ok'))
    expect(await database.read(readIds)).toHaveLength(51)
  })

  it('7.2 while another process holds the lock, each write fails at its own deadline', async () => {
    const file = await newFile()
    const database = await openNotes(`sqlite:${file}`)
    const release = await holdLock(file)
    const begun = Date.now()
    const add = (id: string, limit: number) => database.write('add', { id, place: 1 }, { deadline: begun + limit })
    const patient = outcome(add('patient', 60_000))
    // One stands in the group that waits for the lock, one in the queue behind it.
    const [inGroup, inQueue] = [errorOf(add('in-group', 300)), errorOf(add('in-queue', 300))]
    const queued = errorOf(Promise.resolve().then(() => add('later', 300)))
    for (const error of await Promise.all([inGroup, inQueue, queued])) {
      expect(error.reason).toBe('UNAVAILABLE')
      expect(error.data).toBeUndefined()
    }
    // The lock is held still.
    await release()
    expect(await patient).toBe('ok')
    expect(await database.read(readIds)).toEqual(['patient'])
  })

  it('7.3 what was written moves from the log into the file once nobody writes', async () => {
    const file = await newFile()
    const database = await openNotes(`sqlite:${file}`)
    await database.write('add', { id: 'a', place: 1 })
    const withoutLog = join(await temporaryFolder(), 'copy.db')
    const lookAtCopy = (): void => {
      copyFileSync(file, withoutLog)
      const copy = new BetterSqlite3(withoutLog)
      try {
        expect(copy.prepare('select id from notes').pluck().all()).toEqual(['a'])
      } finally {
        copy.close()
      }
    }
    await vi.waitFor(lookAtCopy, { timeout: 10_000, interval: 100 })
  })

  it('closes while the lock is held: the writes fail at their deadline', async () => {
    const file = await newFile()
    const database = await openNotes(`sqlite:${file}`)
    await holdLock(file)
    const write = outcome(database.write('add', { id: 'a', place: 1 }, { deadline: Date.now() + 300 }))
    await database.close()
    expect(await write).toBe('UNAVAILABLE')
  })

  it('cannot be opened while another process holds the lock, and says so', { timeout: 20_000 }, async () => {
    const file = await newFile()
    await (await openNotes(`sqlite:${file}`)).close()
    const database = new BetterSqlite3(file)
    database.exec('drop table schema_migrations')
    database.close()
    const release = await holdLock(file)
    const error = await errorOf(openNotes(`sqlite:${file}`))
    expect(error.reason).toBe('UNAVAILABLE')
    expect(error.message).toContain(file)
    await release()
  })

  it('refuses a second owner, also under another name, until the first has closed', async () => {
    const file = await newFile()
    const first = await openNotes(`sqlite:${file}`)
    const link = join(await temporaryFolder(), 'link.db')
    symlinkSync(file, link)
    for (const name of [file, link, `${dirname(file)}/./notes.db`]) {
      const error = await errorOf(openNotes(`sqlite:${name}`))
      expect(error.reason).toBe('DATABASE_OWNED')
      expect(error.message).toContain(name)
    }
    expect(await outcome(first.write('add', { id: 'a', place: 1 }))).toBe('ok')
    await first.close()
    expect(await (await openNotes(`sqlite:${link}`)).read(readIds)).toEqual(['a'])
  })

  it('an owner in another process counts, and a dead one does not', async () => {
    const file = await newFile()
    const lock = `${file}.lock`
    mkdirSync(dirname(lock), { recursive: true })
    const release = await holdLock(lock)
    expect(await outcome(openNotes(`sqlite:${file}`))).toBe('DATABASE_OWNED')
    await release()
    expect(existsSync(lock)).toBe(true)
    expect(await outcome(openNotes(`sqlite:${file}`))).toBe('ok')
  })

  it('refuses a file that is no database, and leaves it as it is', async () => {
    const file = await newFile()
    writeFileSync(file, 'certainly not a database '.repeat(1_000))
    const error = await errorOf(openNotes(`sqlite:${file}`))
    expect(error.reason).toBe('DATABASE_DAMAGED')
    expect(error.message).toContain(file)
    expect(readFileSync(file, 'utf8')).toContain('certainly not')
    // The lock was given back.
    writeFileSync(file, '')
    expect(await outcome(openNotes(`sqlite:${file}`))).toBe('ok')
  })

  it('refuses a database with garbled or missing pages', async () => {
    for (const damage of ['garble', 'cut'] as const) {
      const file = await newFile()
      const database = await openNotes(`sqlite:${file}`)
      await Promise.all(
        Array.from({ length: 2_000 }, (_, place) => database.write('add', { id: `note number ${place}`, place })),
      )
      await database.close()
      const bytes = readFileSync(file)
      if (damage === 'cut') truncateSync(file, Math.floor(bytes.length / 2 / 4096) * 4096)
      else writeFileSync(file, bytes.fill(0xa5, 4096 * 3, 4096 * 6))
      expect(await outcome(openNotes(`sqlite:${file}`))).toBe('DATABASE_DAMAGED')
    }
  })

  it('refuses a database of a newer program', async () => {
    const file = await newFile()
    await (await openNotes(`sqlite:${file}`)).close()
    const database = new BetterSqlite3(file)
    database.exec("insert into schema_migrations values (2, 'future', 0)")
    database.close()
    expect(await outcome(openNotes(`sqlite:${file}`))).toBe('DATABASE_TOO_NEW')
  })

  it('refuses a directory that cannot be made, by name', async () => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const error = await errorOf(openNotes(`sqlite:${join(folder, 'file', 'notes.db')}`))
    expect(error.reason).toBe('CONFIG_INVALID')
    expect(error.message).toContain(folder)
  })

  it('a lost writer thread: what it had is of unknown outcome, and a new one goes on', async () => {
    const troubles: unknown[] = []
    const database = await openNotes(`sqlite:${await newFile()}`, { onError: (error) => troubles.push(error) })
    const dying = errorOf(database.write('die', { id: 'dead', place: 1 }))
    const next = Array.from({ length: 100 }, (_, place) => outcome(database.write('add', { id: `${place}`, place })))
    expect(await dying).toMatchObject({ reason: 'UNAVAILABLE', data: { outcome: 'unknown' } })
    const outcomes = await Promise.all(next)
    const ids = await database.read(readIds)
    expect(outcomes.filter((reason) => reason === 'ok').length).toBeGreaterThan(0)
    // Nothing of a transaction that was not committed is there, and all that was acknowledged is.
    expect(ids).not.toContain('dead')
    for (const [place, reason] of outcomes.entries())
      expect([reason, ids.includes(`${place}`)]).toEqual([reason, reason === 'ok'])
  })

  it('an argument that cannot be sent to the thread fails alone', async () => {
    const database = await openNotes(`sqlite:${await newFile()}`)
    expect(await outcome(database.write('echo', () => undefined))).toBe('INTERNAL')
    expect(await database.write('echo', { a: [1, 'ü', null] })).toEqual({ a: [1, 'ü', null] })
  })

  it('fails to open if the commands cannot be loaded', async () => {
    const { SqliteDatabase } = await import('../../../services/common/sql/sqlite/sqlite-database.ts')
    const file = await newFile()
    const opening = SqliteDatabase.open({ file, migrations: [], commandsUrl: 'file:///nowhere/commands.ts' })
    await expect(opening).rejects.toThrow(/commands/)
    expect(await outcome(openNotes(`sqlite:${file}`))).toBe('ok')
  })
})
