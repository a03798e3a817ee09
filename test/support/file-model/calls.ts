/** Parameters as they go over the wire; handles stand for ids that the server makes. */
interface Calls {
  write: OnPath & { content: string } & Conditions & { if_none_match: boolean }
  append: OnPath & { content: string } & Conditions
  edit: OnPath & { old: string; new: string; all: boolean; if_match: string | null }
  read: OnPath
  read_range: OnPath & { start: number; end: number }
  list_versions: OnPath
  get_version: OnPath & { version: number }
  rollback: OnPath & { version: number }
  exists: OnPath
  is_directory: OnPath
  stat: OnPath
  /** Whole, or in pages of so many. */
  list: OnPath & { recursive: boolean; page: number | null }
  glob: OnPath & { pattern: string }
  copy: { from: string; to: string }
  rename: { from: string; to: string }
  mkdir: OnPath & { parents: boolean; exist_ok: boolean }
  delete: OnPath
  rmdir: OnPath & { recursive: boolean }
  trash_list: OnPath
  trash_restore: { trash: number; new_path: string | null }
  trash_purge: { trash: number }
  rebac_create: OnPath & { relation: string; subject: readonly string[] }
  rebac_delete: { grant: number }
}

interface OnPath {
  path: string
}

interface Conditions {
  if_match: string | null
  force: boolean
}

export type Method = keyof Calls
/** The parameters of a method. */
export type ParamsOf<M extends Method> = Readonly<Calls[M]>
/** A call of any method. */
export type Call = { readonly [M in Method]: { readonly method: M; readonly params: ParamsOf<M> } }[Method]

/** What a call comes to: an error code of JSON-RPC or 0, and as much of its result as follows from the calls before. */
export interface Outcome {
  readonly code: number
  readonly value: unknown
}

export const DENIED = refusal(-32_004)
export const NOT_FOUND = refusal(-32_000)
export const EXISTS = refusal(-32_001)
export const INVALID_PATH = refusal(-32_002)
export const NOT_EMPTY = refusal(-32_005)
export const CONFLICT = refusal(-32_006)
export const INVALID = refusal(-32_602)

export function done(value: unknown = true): Outcome {
  return { code: 0, value }
}

function refusal(code: number): Outcome {
  return { code, value: null }
}
