import { all, run, type Script, type Statement } from '../../services/common/sql/script.ts'
import { wordsOf } from './words.ts'

// What is found by its text is found through its content, and contents never change: so copies, old versions and what
// comes back from the trash need nothing. What is found by its name has a row for each file.
// On SQLite the words are in an FTS5 table beside, whose rowid is the id of the row here; rows that are deleted take
// theirs along by a trigger. On PostgreSQL they are in the row.

/** A file and its name, whole or as words. */
interface NamedFile {
  readonly nodeId: string
  readonly name: string
}

const NAMES = {
  sqlite: `insert into search_names (tenant, node_id) select $1, value ->> 'id' from json_each($2) where true
on conflict (tenant, node_id) do update set node_id = excluded.node_id returning id, node_id as key`,
  postgres: `insert into search_names (tenant, node_id, vector)
select $1, r.value ->> 'id', to_tsvector('simple', r.value ->> 'words') from jsonb_array_elements($2::jsonb) as r(value)
on conflict (tenant, node_id) do update set vector = excluded.vector`,
}

/** Makes files to be found by these names, and no others. */
export function* indexNames(tree: string, files: readonly NamedFile[]): Script<void> {
  if (files.length === 0) return
  const words = new Map(files.map(({ nodeId, name }) => [nodeId, wordsOf(name)]))
  const rows = yield* all<IndexedRow>(NAMES, tree, jsonOf(words))
  for (const { id, key } of rows)
    yield* run('insert or replace into search_name_words (rowid, words) values ($1, $2)', id, words.get(key) ?? '')
}

interface IndexedRow {
  readonly id: number
  readonly key: string
}

const TEXTS: Statement['text'] = {
  sqlite: `insert into search_texts (content_hash) select value ->> 'id' from json_each($1) where true
on conflict (content_hash) do nothing returning id, content_hash as key`,
  postgres: `insert into search_texts (content_hash, vector)
select r.value ->> 'id', to_tsvector('simple', r.value ->> 'words') from jsonb_array_elements($1::jsonb) as r(value)
on conflict (content_hash) do nothing`,
}

/** Makes contents, by their hashes, to be found by their words. */
export function* indexTexts(words: ReadonlyMap<string, string>): Script<void> {
  if (words.size === 0) return
  const rows = yield* all<IndexedRow>(TEXTS, jsonOf(words))
  for (const { id, key } of rows)
    yield* run('insert into search_text_words (rowid, words) values ($1, $2)', id, words.get(key) ?? '')
}

/** In one order, so that transactions on PostgreSQL do not wait for each other in a circle. */
function jsonOf(words: ReadonlyMap<string, string>): string {
  const sorted = [...words].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(sorted.map(([id, text]) => ({ id, words: text })))
}
