import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Script } from '../../../common/sql/script.ts'
import { relationshipShape } from '../../model/relationship-shape.ts'
import type { WriteSchemaRequest } from '../contract.ts'
import { readLog } from '../reads/read-log.ts'

/**
 * How many revisions are looked through while everybody else waits, and no more than one page of the log; who is further
 * behind has to catch up first.
 */
const MAX_REVISIONS = 200

/**
 * Whether all that was written since a schema was compared with what is stored has a shape that it accepts. To be
 * called with the tenant locked.
 * @throws NexusError CONFLICT
 */
export function* requireChecked(
  tenant: string,
  checked: NonNullable<WriteSchemaRequest['checked']>,
  head: number,
): Script<void> {
  if (head <= checked.revision) return
  if (head - checked.revision > MAX_REVISIONS) throw conflict()
  const shapes = new Set(checked.shapes)
  const { entries } = yield* readLog(tenant, checked.revision, MAX_REVISIONS)
  if (entries.at(-1)?.revision !== head) throw conflict()
  for (const { changes } of entries) {
    if (changes.some(({ after }) => after !== null && !shapes.has(relationshipShape(after)))) throw conflict()
  }
}

function conflict(): NexusError {
  return new NexusError('CONFLICT', 'Relationships were written while the schema was compared with them; try again.')
}
