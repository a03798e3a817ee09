import { describe, expect, it } from 'vitest'
import type { DiskCall } from '../../faults/power/disk-call.ts'
import { losePower } from '../../faults/power/lose-power.ts'
import { seeded } from '../../faults/power/random.ts'
import { Recording } from '../../faults/power/recording.ts'

type Effect = DiskCall extends infer Call ? (Call extends DiskCall ? Omit<Call, 'begun' | 'ended'> : never) : never

/** Calls one after the other; the place of each is its index. */
function record(...effects: readonly Effect[]): Recording {
  const files = new Map([['db', Buffer.from('old')]])
  const recording = new Recording({ files, directories: new Set(['']) })
  for (const [place, effect] of effects.entries()) {
    const moment = { place, time: place }
    recording.add({ ...effect, begun: moment, ended: moment }, '/data')
  }
  return recording
}

function found(recording: Recording, place: number, survives: boolean): Record<string, string> {
  const { files } = losePower(recording, { place, survives: () => survives })
  return Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString()]))
}

const write = (path: string, text: string, offset: number | null = 0): Effect => ({
  kind: 'write',
  path: `/data/${path}`,
  data: Buffer.from(text),
  offset,
})
const sync = (path: string): Effect => ({ kind: 'sync', path: path === '' ? '/data' : `/data/${path}` })
const create = (path: string): Effect => ({ kind: 'open', path: `/data/${path}`, creates: true, truncates: true })
const rename = (from: string, to: string): Effect => ({ kind: 'rename', from: `/data/${from}`, to: `/data/${to}` })
const mkdir = (path: string): Effect => ({ kind: 'mkdir', path: `/data/${path}` })
const remove = (path: string): Effect => ({ kind: 'remove', path: `/data/${path}` })
const truncate = (path: string, size: number): Effect => ({ kind: 'truncate', path: `/data/${path}`, size })

describe('a loss of power', () => {
  it('takes the bytes that were not synced, and no others', () => {
    const recording = record(write('db', 'new'), sync('db'), write('db', 'er', 3), truncate('db', 1))
    expect(found(recording, 1, false), 'before the sync').toEqual({ db: 'old' })
    expect(found(recording, 1, true)).toEqual({ db: 'new' })
    expect(found(recording, 4, false), 'after the sync').toEqual({ db: 'new' })
    expect(found(recording, 3, true)).toEqual({ db: 'newer' })
    expect(found(recording, 4, true)).toEqual({ db: 'n' })
  })

  it('leaves what a sync covers only from its end on, and covers only what had ended when it began', () => {
    const recording = record()
    const at = (begun: number, ended: number) => ({
      begun: { place: begun, time: begun },
      ended: { place: ended, time: ended },
    })
    recording.add({ kind: 'write', path: '/data/db', data: Buffer.from('one'), offset: 0, ...at(0, 1) }, '/data')
    recording.add({ kind: 'write', path: '/data/db', data: Buffer.from('two'), offset: 3, ...at(3, 4) }, '/data')
    recording.add({ kind: 'sync', path: '/data/db', ...at(2, 5) }, '/data')
    expect(found(recording, 4, false), 'while it is synced').toEqual({ db: 'old' })
    expect(found(recording, 6, false)).toEqual({ db: 'one' })
  })

  it('takes names whose directory was not synced, also of files whose bytes were', () => {
    const recording = record(
      mkdir('a'),
      create('tmp'),
      write('tmp', 'text', null),
      sync('tmp'),
      rename('tmp', 'a/b'),
      sync('a'),
      sync(''),
      remove('a/b'),
    )
    expect(found(recording, 5, false)).toEqual({ db: 'old' })
    expect(found(recording, 5, true)).toEqual({ db: 'old', 'a/b': 'text' })
    expect(found(recording, 6, false), 'the directory itself has no name yet').toEqual({ db: 'old' })
    expect(found(recording, 7, false)).toEqual({ db: 'old', 'a/b': 'text' })
    expect(found(recording, 8, false), 'the removal was not synced').toEqual({ db: 'old', 'a/b': 'text' })
    expect(found(recording, 8, true)).toEqual({ db: 'old' })
  })

  it('may leave some sectors of a write and not others', () => {
    const recording = record(write('db', 'x'.repeat(4_096)))
    const { files } = losePower(recording, { place: 1, survives: alternating() })
    const bytes = files.get('db') ?? Buffer.alloc(0)
    expect(bytes.length).toBe(3_584)
    expect(bytes.subarray(0, 512).equals(Buffer.alloc(512, 'x'))).toBe(true)
    expect(bytes.subarray(512, 1_024).equals(Buffer.alloc(512))).toBe(true)
  })
})

it('the same seed makes the same choices, spread evenly', () => {
  const [one, other] = [seeded(7), seeded(7)]
  const numbers = Array.from({ length: 1_000 }, () => one())
  expect(numbers).toEqual(Array.from({ length: 1_000 }, () => other()))
  const below = numbers.filter((number) => number < 0.5).length
  expect(below).toBeGreaterThan(400)
  expect(below).toBeLessThan(600)
})

function alternating(): () => boolean {
  let next = false
  return () => (next = !next)
}
