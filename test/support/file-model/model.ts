import { append, copy, edit, rollback, write } from './answers/writing.ts'
import { mkdir, remove, rename, rmdir } from './answers/changing.ts'
import { exists, glob, isDirectory, list, stat } from './answers/looking.ts'
import { getVersion, listVersions, read, readRange } from './answers/reading.ts'
import { create as createGrant, remove as deleteGrant } from './answers/sharing.ts'
import { listTrash, purge, restore } from './answers/trash.ts'
import type { Call, Method, Outcome, ParamsOf } from './calls.ts'
import type { Actor } from './rights.ts'
import type { ModelState } from './state.ts'

type Answers = { readonly [M in Method]: (state: ModelState, actor: Actor, params: ParamsOf<M>) => Outcome }

const ANSWERS: Answers = {
  write,
  append,
  edit,
  copy,
  rollback,
  read,
  read_range: readRange,
  list_versions: listVersions,
  get_version: getVersion,
  exists,
  is_directory: isDirectory,
  stat,
  list,
  glob,
  mkdir,
  delete: remove,
  rmdir,
  rename,
  trash_list: listTrash,
  trash_restore: restore,
  trash_purge: purge,
  rebac_create: createGrant,
  rebac_delete: deleteGrant,
}

/** What a call must come to; the state becomes what it must leave behind. */
export function answer(state: ModelState, actor: Actor, { method, params }: Call): Outcome {
  const answerOne = ANSWERS[method] as (state: ModelState, actor: Actor, params: Call['params']) => Outcome
  return answerOne(state, actor, params)
}
