import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { all, first, type Script } from '../../../services/common/sql/script.ts'

/** A version that an upload became. */
interface FinishedUpload {
  readonly tree: string
  readonly version: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Notes, in the transaction of the write, what an upload became: whoever else finishes the same upload writes nothing.
 * @throws NexusError CONFLICT if it is noted already
 */
export function* noteFinished(uploadId: string, { tree, version, at }: FinishedUpload): Script<void> {
  const noted = yield* first(
    `insert into finished_uploads (upload_id, tenant, version, at) values ($1, $2, $3, $4)
on conflict (upload_id) do nothing returning upload_id`,
    uploadId,
    tree,
    version,
    at,
  )
  if (noted === undefined) throw finishedAlready()
}

/** Somebody else was faster. */
export function finishedAlready(): NexusError {
  return new NexusError('CONFLICT', 'The upload has become a file already.')
}

/** The version that an upload became; null if it has not become one. */
export function* versionOfUpload(uploadId: string): Script<number | null> {
  const row = yield* first<{ version: number }>('select version from finished_uploads where upload_id = $1', uploadId)
  return row?.version ?? null
}

export const uploadCommands = {
  /** Forgets uploads that were finished before a time, at most `limit` of them. Answers how many. */
  *trimFinishedUploads({ before, limit }: { readonly before: number; readonly limit: number }): Script<number> {
    const gone = yield* all(
      `delete from finished_uploads where upload_id in
  (select upload_id from finished_uploads where at < $1 order by at limit $2) returning upload_id`,
      before,
      limit,
    )
    return gone.length
  },
}
