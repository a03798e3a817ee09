import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Script } from '../../../common/sql/script.ts'
import { type Relationship, relationshipKeyText } from '../../model/relationship.ts'
import type { Operation, WriteRequest } from '../contract.ts'
import { encodeChanges, encodeRows } from '../images.ts'
import { type EncodedEntry, logEntry, type RowChanges, type Tables, type TenantRow } from '../tables.ts'
import { decide } from './decide.ts'
import type { Done } from './idempotency.ts'
import { newId } from './new-id.ts'

/** Writes of one tenant, decided one after the other in memory over what is stored under their keys. */
export class WriteBatch {
  readonly #head: TenantRow
  /** By the text of their keys: as they are stored, and as the writes so far leave them. */
  readonly #stored: ReadonlyMap<string, Relationship>
  readonly #left: Map<string, Relationship>
  readonly #entries: EncodedEntry[] = []

  constructor(head: TenantRow, stored: readonly Relationship[]) {
    this.#head = head
    this.#stored = new Map(stored.map((row) => [relationshipKeyText(row), row]))
    this.#left = new Map(this.#stored)
  }

  /**
   * Decides one write; its revision is the next one if it changes anything.
   * @throws NexusError SCHEMA_CHANGED and those of decide, and then it has done nothing
   */
  write(
    { tenant, schemaVersion, now }: Pick<WriteRequest, 'tenant' | 'schemaVersion' | 'now'>,
    operations: readonly Operation[],
  ): Done {
    if (this.#head.schemaVersion !== schemaVersion) throw schemaChanged(tenant)
    const { changes, written, deletedCount } = decide(operations, this.#left, now, newId)
    const text = encodeChanges(changes)
    for (const { before, after } of changes) {
      if (after !== null) this.#left.set(relationshipKeyText(after), after)
      else if (before !== null) this.#left.delete(relationshipKeyText(before))
    }
    if (changes.length > 0) this.#entries.push(logEntry(this.#revision + 1, 'write', text, now))
    const isLeft = written.length + deletedCount === changes.length
    const message = {
      revision: this.#revision,
      changes: text,
      written: isLeft ? null : encodeRows(written),
      deletedCount,
    }
    return { message, written }
  }

  /** Writes what has become of the rows, and an entry of the log for each write that changed something. */
  *save(tables: Tables, tenant: string): Script<void> {
    if (this.#entries.length > 0) yield* tables.apply(tenant, this.#rows(), this.#entries)
  }

  get #revision(): number {
    return this.#entries.at(-1)?.revision ?? this.#head.revision
  }

  #rows(): RowChanges {
    const inserted: Relationship[] = []
    const replaced: { id: string; by: Relationship }[] = []
    const deletedIds: string[] = []
    for (const [key, { id }] of this.#stored) {
      const by = this.#left.get(key)
      if (by === undefined) deletedIds.push(id)
      else if (by !== this.#stored.get(key)) replaced.push({ id, by })
    }
    for (const [key, row] of this.#left) if (!this.#stored.has(key)) inserted.push(row)
    return { inserted, replaced, deletedIds }
  }
}

export function schemaChanged(tenant: string): NexusError {
  return new NexusError('SCHEMA_CHANGED', `The schema of tenant ${tenant} changed while the request ran; try again.`)
}
