import type { SyncResult } from './contract.ts'

/** A result as clients know it. */
export function presentResult(result: SyncResult) {
  return {
    files_scanned: result.filesScanned,
    files_created: result.filesCreated,
    files_updated: result.filesUpdated,
    files_deleted: result.filesDeleted,
    cache_synced: result.cacheSynced,
    cache_bytes: result.cacheBytes,
    cache_skipped: result.cacheSkipped,
    // No embeddings are made here.
    embeddings_generated: 0,
    errors: result.errors,
  }
}
