import type { Permissions, RelationshipRowOperation } from '../permissions/contract.ts'

/** How long one call to the permission service may take, in milliseconds. */
export const CALL_TIMEOUT_MS = 5_000

/** One call takes at most so many operations, and so many characters of them: well below what the service accepts. */
const PART_OPERATIONS = 2_000
const PART_CHARACTERS = 2_000_000

/**
 * Writes any number of operations, in as many calls as they need. They may be repeated after any failure, with the same
 * operations: each call has a key of its own, and the first one has the key itself.
 * @throws NexusError those of Permissions.write
 */
export async function writeParts(
  permissions: Permissions,
  { tenant, idempotencyKey }: { readonly tenant: string; readonly idempotencyKey: string },
  operations: readonly RelationshipRowOperation[],
): Promise<void> {
  for (const [index, part] of partsOf(operations).entries()) {
    await permissions.write({
      tenant,
      operations: part,
      idempotencyKey: index === 0 ? idempotencyKey : `${idempotencyKey}:${index}`,
      deadline: Date.now() + CALL_TIMEOUT_MS,
    })
  }
}

/** Whether one call takes all of them, which then happen at once. */
export function fitOneCall(operations: readonly RelationshipRowOperation[]): boolean {
  return partsOf(operations).length <= 1
}

function partsOf(operations: readonly RelationshipRowOperation[]): RelationshipRowOperation[][] {
  const parts: RelationshipRowOperation[][] = []
  let part: RelationshipRowOperation[] = []
  let characters = 0
  for (const operation of operations) {
    const size = JSON.stringify(operation).length
    if (part.length > 0 && (part.length === PART_OPERATIONS || characters + size > PART_CHARACTERS)) {
      parts.push(part)
      part = []
      characters = 0
    }
    part.push(operation)
    characters += size
  }
  return part.length === 0 ? parts : [...parts, part]
}
