import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { first, type Script } from '../../services/common/sql/script.ts'
import type { CallContext } from '../context.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { GatewayDatabase } from '../store/open-store.ts'

/** What was found in a tree, and asked about. */
export interface Look<T> {
  readonly value: T
  /** Everything that was found may be seen, so nothing can be missing. */
  readonly whole: boolean
}

/**
 * Looks at a tree and asks for permissions such that nothing was moved in between: else what stood at its old path when
 * the tree was read, and has its rights at the new one when they are asked for, would be missing from the answer.
 * @throws NexusError UNAVAILABLE at the deadline
 */
export async function betweenMoves<T>(
  { db, outbox }: { readonly db: GatewayDatabase; readonly outbox: Outbox },
  context: CallContext,
  tree: string,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const { deadline } = context.scope
  const lastMove = () => db.read(() => readLastMove(tree), { deadline })
  for (let before = await lastMove(); ; ) {
    // Its relationships have moved, too.
    if (before > outbox.appliedThrough(tree)) await outbox.passed(tree, before, deadline)
    const { value, whole } = await look()
    if (whole) return value
    const after = await lastMove()
    if (after === before) return value
    if (Date.now() >= deadline) {
      throw new NexusError('UNAVAILABLE', 'Paths kept changing until the deadline of the request; try again.')
    }
    before = after
  }
}

/** The place of the tree's last move in its outbox; 0 if there was none. */
function* readLastMove(tree: string): Script<number> {
  const row = yield* first<{ last_move_seq: number }>('select last_move_seq from tenants where tenant = $1', tree)
  return row?.last_move_seq ?? 0
}
