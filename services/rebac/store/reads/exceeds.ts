import { first, type Script } from '../../../common/sql/script.ts'

/** Rows that one statement passes over: milliseconds, so that others run in between. */
const STEP = 50_000

/** RelationshipStore.exceeds; a long script. */
export function* exceeds(tenant: string, count: number): Script<boolean> {
  let afterId = ''
  for (let left = count; ; ) {
    const step = Math.min(left, STEP)
    const row = yield* first<{ id: string }>(
      'select id from relationships where tenant = $1 and id > $2 order by id limit 1 offset $3',
      tenant,
      afterId,
      // One less than a step ends on its last row; with nothing left, any row is one too many.
      Math.max(0, step - 1),
    )
    if (row === undefined) return false
    if (step === 0) return true
    left -= step
    afterId = row.id
  }
}
