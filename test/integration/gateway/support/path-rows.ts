import { DENIED, EXISTS, NOTHING, NOT_EMPTY, type Outcomes, type Row, WRONG, WRONG_KIND } from './matrix-row.ts'

const only = (path: string): object => ({ path })
const nothing: Outcomes = [false, false, false]
const byPath = (result: Record<string, unknown>, path: string): unknown => result[path] ?? false
const isThere = (result: Record<string, unknown>, path: string): boolean => byPath(result, path) !== false
const succeeded = (result: Record<string, { success: boolean }>, path: string): unknown => result[path]?.success

/** Methods about a path that the caller names. */
export const PATH_ROWS: Readonly<Record<string, Row>> = {
  read: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  read_range: { params: (path) => ({ path, start: 0, end: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  stream: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  stat: { params: only, needs: 'read', allowed: [0, 0, NOTHING] },
  list_versions: { params: only, needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  get_version: { params: (path) => ({ path, version: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },
  diff_versions: { params: (path) => ({ path, v1: 1, v2: 1 }), needs: 'read', allowed: [0, WRONG_KIND, NOTHING] },

  exists: {
    params: only,
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: ({ exists }: { exists: boolean }) => exists,
  },
  is_directory: {
    params: only,
    needs: 'read',
    allowed: [false, true, false],
    denied: nothing,
    seen: (result: { is_directory: boolean }) => result.is_directory,
  },
  get_metadata: {
    params: only,
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: ({ metadata }: { metadata: unknown }) => metadata !== null,
  },
  get_etag: {
    params: only,
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: ({ etag }: { etag: unknown }) => etag !== null,
  },
  exists_batch: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: byPath,
  },
  metadata_batch: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: isThere,
  },
  stat_bulk: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, true, false],
    denied: nothing,
    seen: isThere,
  },
  batch_get_content_ids: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: isThere,
  },
  read_bulk: {
    params: (path) => ({ paths: [path] }),
    needs: 'read',
    allowed: [true, false, false],
    denied: nothing,
    seen: isThere,
  },
  list: {
    params: only,
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: ({ files }: { files: unknown[] }) => files.length,
  },
  glob: {
    params: (path) => ({ path, pattern: '**' }),
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: ({ matches }: { matches: unknown[] }) => matches.length,
  },
  glob_batch: {
    params: (path) => ({ path, patterns: ['*'] }),
    needs: 'read',
    allowed: [0, 1, 0],
    denied: [0, 0, 0],
    seen: (result: Record<string, unknown[]>) => result['*']?.length,
  },
  grep: {
    params: (path) => ({ path, pattern: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: ({ results }: { results: unknown[] }) => results.length,
  },
  search: {
    params: (path) => ({ path, query: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: ({ results }: { results: unknown[] }) => results.length,
  },
  semantic_search: {
    params: (path) => ({ path, query: 'text' }),
    needs: 'read',
    allowed: [1, 1, 0],
    denied: [0, 0, 0],
    seen: (results: unknown[]) => results.length,
  },
  trash_list: {
    params: only,
    needs: 'read',
    allowed: [0, 0, 0],
    denied: [0, 0, 0],
    seen: ({ items }: { items: unknown[] }) => items.length,
  },

  write: { params: (path) => ({ path, content: 'new' }), needs: 'write', allowed: [0, EXISTS, 0], changes: true },
  write_stream: {
    params: (path) => ({ path, chunks: ['new'] }),
    needs: 'write',
    allowed: [0, EXISTS, 0],
    changes: true,
  },
  write_batch: {
    params: (path, other) => ({
      files: [
        [path, 'new'],
        [other, 'new'],
      ],
    }),
    needs: 'write',
    allowed: [0, EXISTS, 0],
    changes: true,
  },
  append: {
    params: (path) => ({ path, content: 'new' }),
    needs: 'write',
    allowed: [0, WRONG_KIND, 0],
    toReaders: [DENIED, WRONG_KIND, DENIED],
    changes: true,
  },
  edit: {
    params: (path) => ({ path, edits: [{ old_str: 'text', new_str: 'new' }] }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    toReaders: [DENIED, WRONG_KIND, NOTHING],
    changes: true,
  },
  rollback: {
    params: (path) => ({ path, version: 1 }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    changes: true,
  },
  copy: {
    params: (path, other) => ({ src_path: path, dst_path: other }),
    needs: 'write',
    allowed: [0, WRONG_KIND, NOTHING],
    toReaders: [DENIED, WRONG_KIND, NOTHING],
    changes: true,
  },
  rename: {
    params: (path, other) => ({ old_path: path, new_path: other }),
    needs: 'write',
    allowed: [0, 0, NOTHING],
    changes: true,
  },
  rename_bulk: {
    params: (path, other) => ({ renames: [[path, other]] }),
    needs: 'write',
    allowed: [true, true, false],
    denied: nothing,
    seen: succeeded,
    changes: true,
  },
  mkdir: { params: only, needs: 'write', allowed: [EXISTS, EXISTS, 0], changes: true },
  delete: { params: only, needs: 'write', allowed: [0, NOT_EMPTY, NOTHING], changes: true },
  rmdir: {
    params: (path) => ({ path, recursive: true }),
    needs: 'write',
    allowed: [WRONG_KIND, 0, NOTHING],
    changes: true,
  },
  delete_bulk: {
    params: (path) => ({ paths: [path], recursive: true }),
    needs: 'write',
    allowed: [true, true, false],
    denied: nothing,
    seen: succeeded,
    changes: true,
  },
  workspace_snapshot: {
    params: (path) => ({ workspace_path: path }),
    needs: 'write',
    allowed: [WRONG, WRONG, WRONG],
  },
  workspace_restore: {
    params: (path) => ({ workspace_path: path, snapshot_number: 1 }),
    needs: 'write',
    allowed: [WRONG, WRONG, WRONG],
  },
  workspace_log: { params: (path) => ({ workspace_path: path }), needs: 'read', allowed: [WRONG, WRONG, WRONG] },
  workspace_diff: {
    params: (path) => ({ workspace_path: path, snapshot_1: 1, snapshot_2: 2 }),
    needs: 'read',
    allowed: [WRONG, WRONG, WRONG],
  },

  register_workspace: {
    params: only,
    needs: 'own',
    allowed: [EXISTS, 0, 0],
    // Who makes the directory owns it.
    toEditors: [EXISTS, DENIED, 0],
    changes: true,
  },
  register_memory: {
    params: only,
    needs: 'own',
    allowed: [EXISTS, 0, 0],
    // Who makes the directory owns it.
    toEditors: [EXISTS, DENIED, 0],
    changes: true,
  },
  update_workspace: {
    params: (path) => ({ path, name: 'new' }),
    needs: 'own',
    allowed: [WRONG, WRONG, WRONG],
  },
  unregister_workspace: {
    params: only,
    needs: 'own',
    allowed: [false, false, false],
    seen: (result: boolean) => result,
  },
  unregister_memory: { params: only, needs: 'own', allowed: [false, false, false], seen: (result: boolean) => result },
  get_workspace_info: {
    params: only,
    needs: 'read',
    allowed: [null, null, null],
    denied: [null, null, null],
    seen: (result: unknown) => result,
  },
  get_memory_info: {
    params: only,
    needs: 'read',
    allowed: [null, null, null],
    denied: [null, null, null],
    seen: (result: unknown) => result,
  },
}
