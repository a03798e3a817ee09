import fc from 'fast-check'
import type { Call, Method, ParamsOf } from './calls.ts'
import { ACTOR_NAMES, type Actor, GROUP } from './rights.ts'
import { etagOf } from './answers/reading.ts'

/** Where all that is granted at the start is granted. */
export const SHARED = '/w'

/** Few names, so that calls meet; 'a-b' stands between 'a' and what is in it, by the bytes of paths. */
const directory = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(SHARED, `${SHARED}/a`) },
  { weight: 1, arbitrary: fc.constantFrom(`${SHARED}/a-b`, `${SHARED}/a/a`) },
)
const anywhere = fc.oneof(
  { weight: 16, arbitrary: fc.tuple(directory, fc.constantFrom('a', 'a-b', 'f')).map((parts) => parts.join('/')) },
  { weight: 1, arbitrary: fc.constantFrom(SHARED, '/', '/elsewhere', '/elsewhere/f') },
)
/** Where files usually are. */
const file = fc.oneof(
  { weight: 4, arbitrary: directory.map((above) => `${above}/f`) },
  { weight: 1, arbitrary: anywhere },
)
const CONTENTS = ['', 'one', 'one two one', 'two\nthree'] as const
const content = fc.constantFrom(...CONTENTS)
const ifMatch = fc.option(content.map(etagOf), { freq: 2 })
const flag = fc.boolean()
const rarely = fc.nat({ max: 4 }).map((number) => number === 0)
const number = fc.integer({ min: 1, max: 3 })
const handle = fc.nat({ max: 2 })

const SUBJECTS: readonly (readonly string[])[] = [
  ['user', 'olga'],
  ['user', 'ed'],
  ['user', 'sam'],
  ['group', GROUP],
  ['group', GROUP, 'member'],
  ['agent', 'olga,bare'],
]

const ARBITRARIES: { readonly [M in Method]: fc.Arbitrary<ParamsOf<M>> } = {
  write: fc.record({ path: file, content, if_match: ifMatch, if_none_match: rarely, force: rarely }),
  append: fc.record({ path: file, content, if_match: ifMatch, force: rarely }),
  edit: fc.record({
    path: file,
    old: fc.constantFrom('one', 'two', 'e'),
    new: fc.constantFrom('', 'four', 'one one'),
    all: flag,
    if_match: ifMatch,
  }),
  read: fc.record({ path: file }),
  read_range: fc.record({ path: file, start: fc.nat({ max: 6 }), end: fc.nat({ max: 12 }) }),
  list_versions: fc.record({ path: file }),
  get_version: fc.record({ path: file, version: number }),
  rollback: fc.record({ path: file, version: number }),
  exists: fc.record({ path: anywhere }),
  is_directory: fc.record({ path: anywhere }),
  stat: fc.record({ path: anywhere }),
  list: fc.record({ path: anywhere, recursive: flag, page: fc.option(number, { freq: 2 }) }),
  glob: fc.record({ path: anywhere, pattern: fc.constantFrom('*', '**', 'a*', '**/a', 'a/b', '*/a*', '**/a/*') }),
  copy: fc.record({ from: file, to: file }),
  rename: fc.record({ from: anywhere, to: anywhere }),
  mkdir: fc.record({ path: anywhere, parents: flag, exist_ok: rarely }),
  rmdir: fc.record({ path: anywhere, recursive: flag }),
  delete: fc.record({ path: anywhere }),
  trash_list: fc.record({ path: anywhere }),
  trash_restore: fc.record({ trash: handle, new_path: fc.option(anywhere) }),
  trash_purge: fc.record({ trash: handle }),
  rebac_create: fc.record({
    path: anywhere,
    relation: fc.constantFrom('direct_viewer', 'direct_editor', 'direct_owner'),
    subject: fc.constantFrom(...SUBJECTS),
  }),
  rebac_delete: fc.record({ grant: handle }),
}

/** What changes something comes more often than what only looks. */
const WEIGHTS: Partial<Record<Method, number>> = {
  write: 8,
  mkdir: 2,
  rename: 8,
  delete: 2,
  list: 3,
  rebac_create: 3,
  trash_restore: 2,
}

/** Any call with parameters that may fit. */
export const calls: fc.Arbitrary<Call> = anyOf(Object.keys(ARBITRARIES) as Method[])

/** Calls that change the tree. */
export const changes: fc.Arbitrary<Call> = anyOf(['write', 'mkdir', 'rename', 'copy', 'delete', 'rmdir'])

/** Those who may do something act more often than others, or nothing would be there. */
export const actors: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<Actor>('olga', 'ed') },
  { weight: 1, arbitrary: fc.constantFrom(...ACTOR_NAMES) },
)

function anyOf(methods: readonly Method[]): fc.Arbitrary<Call> {
  const arbitraries = methods.map((method) => ({
    weight: WEIGHTS[method] ?? 1,
    arbitrary: (ARBITRARIES[method] as fc.Arbitrary<Call['params']>).map((params) => ({ method, params }) as Call),
  }))
  return fc.oneof(...arbitraries)
}
