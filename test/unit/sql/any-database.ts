import { expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { all, type Script } from '../../../services/common/sql/script.ts'
import { notesMigrations, readIds, readNotes } from './notes.ts'
import { errorOf, openNotes, outcome } from './support.ts'

/** What both engines do alike. */
export function anyDatabaseTests(makeUrl: () => Promise<string>): void {
  it('7.4 a failing write of a group leaves the others alone', async () => {
    const groups: number[] = []
    const database = await openNotes(await makeUrl(), { onGroup: ({ commands }) => groups.push(commands.length) })
    const outcomes = await Promise.all([
      ...['a', 'b'].map((id, place) => outcome(database.write('add', { id, place }))),
      outcome(database.write('addAndFail', { id: 'c', place: 2 })),
      outcome(database.write('add', { id: 'a', place: 3 })),
      outcome(database.write('breakSql', null)),
      outcome(database.write('addAndFail', { id: 'd', place: 4 })),
      outcome(database.write('add', { id: 'd', place: 5 })),
    ])
    expect(outcomes).toEqual(['ok', 'ok', 'CONFLICT', 'INTERNAL', 'INTERNAL', 'CONFLICT', 'ok'])
    expect(await database.read(readIds)).toEqual(['a', 'b', 'd'])
    expect(groups.length).toBeLessThan(7)
  })

  it('an error crosses with reason, message and data, and hides the rest in its cause', async () => {
    const database = await openNotes(await makeUrl())
    expect(await errorOf(database.write('addAndFail', { id: 'x', place: 1 }))).toMatchObject({
      reason: 'CONFLICT',
      message: 'no x',
      data: { id: 'x' },
    })
    const broken = await errorOf(database.write('breakSql', null))
    expect(broken.message).not.toContain('nowhere')
    expect(String(broken.cause)).toContain('nowhere')
  })

  it('a long read that nobody waits for any more ends before its next statement', async () => {
    const database = await openNotes(await makeUrl())
    const gone = new AbortController()
    let steps = 0
    const script = function* (): Script<void> {
      for (;;) {
        yield* all('select 1 as one')
        if (++steps === 3) gone.abort()
      }
    }
    const reading = database.read(script, { long: true, signal: gone.signal })
    expect(await errorOf(reading)).toMatchObject({ reason: 'CANCELLED' })
    expect(steps).toBe(3)
    expect(await database.read(readIds, { long: true })).toEqual([])
  })

  it('an unknown command fails by itself', async () => {
    const database = await openNotes(await makeUrl())
    const untyped = database as unknown as { write(command: string, argument: unknown): Promise<unknown> }
    const both = [untyped.write('nothing', null), database.write('add', { id: 'a', place: 1 })]
    expect(await Promise.all(both.map(outcome))).toEqual(['INTERNAL', 'ok'])
  })

  it('an observer that throws changes nothing', async () => {
    const fail = (): never => {
      throw new Error('observer')
    }
    const database = await openNotes(await makeUrl(), { onGroup: fail, onError: fail, onRetry: fail })
    expect(
      await Promise.all(['a', 'b', 'c'].map((id, place) => outcome(database.write('add', { id, place })))),
    ).toEqual(['ok', 'ok', 'ok'])
    expect(await outcome(database.write('breakSql', null))).toBe('INTERNAL')
  })

  for (const [where, broken] of [
    ['first', 0],
    ['in the middle', 2],
    ['last', 4],
  ] as const) {
    it(`a statement that fails is the failure of its own write: ${where} in a group`, async () => {
      const database = await openNotes(await makeUrl())
      const write = (place: number) =>
        place === broken ? database.write('breakSql', null) : database.write('add', { id: `${place}`, place })
      const places = [0, 1, 2, 3, 4]
      expect(await Promise.all(places.map((place) => outcome(write(place))))).toEqual(
        places.map((place) => (place === broken ? 'INTERNAL' : 'ok')),
      )
      const stored = (await database.read(readNotes)).map(({ place }) => place)
      expect(stored).toEqual(places.filter((place) => place !== broken))
    })
  }

  for (const [what, others] of [
    ['all that a transaction does', []],
    ['part of what it does', ['x']],
  ] as const) {
    it(`writes that fail as one are run one by one: ${what}`, async () => {
      const database = await openNotes(await makeUrl())
      await database.write('add', { id: 'b', place: 0 })
      const writes = [
        // On its way before the others are queued.
        database.write('add', { id: 'first', place: 1 }),
        ...['a', 'b', 'c'].map((id) => database.write('addTogether', { id, place: 2 })),
        ...others.map((id) => database.write('add', { id, place: 3 })),
      ]
      const expected = ['ok', 'ok', 'INTERNAL', 'ok', ...others.map(() => 'ok')]
      expect(await Promise.all(writes.map(outcome))).toEqual(expected)
      expect(await database.read(readIds)).toEqual(['a', 'b', 'c', 'first', ...others])
    })
  }

  it('a failing write that is alone in its transaction leaves nothing, and the next one works', async () => {
    const database = await openNotes(await makeUrl())
    expect(await outcome(database.write('addAndFail', { id: 'a', place: 1 }))).toBe('CONFLICT')
    expect(await outcome(database.write('addTogether', { id: 'a', place: 2 }))).toBe('ok')
    expect(await outcome(database.write('addTogether', { id: 'a', place: 3 }))).toBe('INTERNAL')
    expect(await database.read(readNotes)).toEqual([{ id: 'a', place: 2 }])
  })

  it('writes commit in the order of their calls', async () => {
    const database = await openNotes(await makeUrl())
    const ids = Array.from({ length: 200 }, (_, index) => `${index}`)
    expect(await Promise.all(ids.map((id, place) => database.write('add', { id, place })))).toEqual(ids)
    expect((await database.read(readNotes)).map(({ id }) => id)).toEqual(ids)
  })

  it('a write whose deadline has passed is refused and not run', async () => {
    const database = await openNotes(await makeUrl())
    expect(await outcome(database.write('add', { id: 'late', place: 1 }, { deadline: Date.now() - 1 }))).toBe(
      'UNAVAILABLE',
    )
    expect(await database.read(readIds)).toEqual([])
  })

  it('close answers what waits, and refuses what comes later; twice is fine', async () => {
    const url = await makeUrl()
    const database = await openNotes(url)
    const waiting = Array.from({ length: 300 }, (_, place) => outcome(database.write('add', { id: `${place}`, place })))
    const reading = outcome(database.read(readIds, { long: true }))
    const closing = database.close()
    expect(await outcome(database.write('add', { id: 'late', place: 1 }))).toBe('UNAVAILABLE')
    expect(await outcome(database.read(readIds))).toBe('UNAVAILABLE')
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => 'ok'))
    expect(await reading).toBe('ok')
    await Promise.all([closing, database.close()])
    expect(await (await openNotes(url)).read(readIds)).toHaveLength(300)
  })

  it('what a reading script throws arrives, and later reads work', async () => {
    const database = await openNotes(await makeUrl())
    function* failing(): Script<void> {
      yield { text: 'select 1', values: [] }
      throw new NexusError('REVISION_TRIMMED', 'gone')
    }
    function* broken(): Script<void> {
      yield { text: 'select * from nowhere', values: [] }
    }
    for (const options of [{}, { snapshot: true }, { long: true }]) {
      expect(await outcome(database.read(failing, options))).toBe('REVISION_TRIMMED')
      expect(await outcome(database.read(broken, options))).toBe('INTERNAL')
      expect(await database.read(readIds, options)).toEqual([])
    }
  })

  it('7.3 a long read sees one state, while writes go on', async () => {
    const database = await openNotes(await makeUrl())
    let written: Promise<unknown> | undefined
    function* twice(): Script<readonly number[]> {
      const before = yield* readIds()
      written ??= database.write('add', { id: 'new', place: 1 })
      for (let turn = 0; turn < 50; turn++) yield { text: 'select 1', values: [] }
      return [before.length, (yield* readIds()).length]
    }
    expect(await database.read(twice, { long: true })).toEqual([0, 0])
    await written
    expect(await database.read(readIds)).toEqual(['new'])
  })

  it('parameters may be used in any order, and again', async () => {
    const database = await openNotes(await makeUrl())
    function* mixed(): Script<unknown> {
      const rows = yield {
        text: 'select cast($2 as text) as a, cast($1 as text) as b, cast($2 as text) as c, cast($3 as text) as d',
        values: ['x', 'y', null],
      }
      return rows[0]
    }
    expect(await database.read(mixed)).toEqual({ a: 'y', b: 'x', c: 'y', d: null })
  })

  it('a step of an update that fails takes all steps back: the old program goes on, and a mended one brings it up', async () => {
    const url = await makeUrl()
    const old = await openNotes(url)
    await old.write('add', { id: 'a', place: 1 })
    await old.close()
    const colour = { name: 'colour', sql: "alter table notes add column colour TEXT not null default 'red';" }
    const broken = { name: 'broken', sql: 'create table half (id TEXT END_TABLE; insert into nowhere values (1);' }
    const error = await errorOf(openNotes(url, {}, [...notesMigrations, colour, broken]))
    expect(error).toMatchObject({ reason: 'MIGRATION_FAILED' })
    expect(error.message).toMatch(/stays at version 1, because step 3 \(broken\) failed \(.*nowhere/)
    const again = await openNotes(url)
    await again.write('add', { id: 'b', place: 2 })
    await again.close()
    const mended = { name: 'mended', sql: 'create table half (id TEXT END_TABLE;' }
    const updated = await openNotes(url, {}, [...notesMigrations, colour, mended])
    const colours = () => all<{ colour: string }>('select colour from notes, (select count(*) from half) h order by id')
    expect(await updated.read(colours)).toEqual([{ colour: 'red' }, { colour: 'red' }])
  })

  it('a database of another program is refused, with one sentence, and stays as it is', async () => {
    const url = await makeUrl()
    const owner = await openNotes(url)
    await owner.write('add', { id: 'a', place: 1 })
    await owner.close()
    const letters = { name: 'letters', sql: 'create table letters (id TEXT END_TABLE;' }
    for (const migrations of [[letters], [letters, { ...letters, name: 'more letters' }]]) {
      const error = await errorOf(openNotes(url, {}, migrations))
      expect(error).toMatchObject({ reason: 'CONFIG_INVALID' })
      expect(error.message).toMatch(/belongs to another process: give .* a database each\.$/)
    }
    expect(await (await openNotes(url)).read(readNotes)).toEqual([{ id: 'a', place: 1 }])
  })
}
