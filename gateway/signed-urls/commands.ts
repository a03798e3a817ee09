import { first, run, type Script } from '../../services/common/sql/script.ts'

const KEY = 'download_key'

export const signedUrlCommands = {
  /** Keeps a key if there is none yet; answers the one that is kept, so that all gateways sign with the same. */
  *keepDownloadKey(key: string): Script<string> {
    yield* run('insert into meta (key, value) values ($1, $2) on conflict (key) do nothing', KEY, key)
    const row = yield* first<{ value: string }>('select value from meta where key = $1', KEY)
    return row?.value ?? key
  },
}
