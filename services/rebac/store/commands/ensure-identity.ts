import { all, run, type Script } from '../../../common/sql/script.ts'

/** Both as text: an epoch, and a key in base64. */
export interface IdentityTexts {
  readonly epoch: string
  readonly tokenKey: string
}

/** Stores what is proposed, unless another replica was first; returns what is stored. */
export function* ensureIdentityCommand(proposed: IdentityTexts): Script<IdentityTexts> {
  const insert = 'insert into meta (key, value) values ($1, $2) on conflict (key) do nothing'
  yield* run(insert, 'epoch', proposed.epoch)
  yield* run(insert, 'token_key', proposed.tokenKey)
  const rows = yield* all<{ key: string; value: string }>('select key, value from meta')
  const stored = new Map(rows.map(({ key, value }) => [key, value]))
  return { epoch: stored.get('epoch') ?? '', tokenKey: stored.get('token_key') ?? '' }
}
