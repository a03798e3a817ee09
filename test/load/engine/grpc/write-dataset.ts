import type { Metadata } from '@grpc/grpc-js'
import type { RebacServiceClient } from '../../../../services/common/gen/nexus/rebac/v1/service.ts'
import type { RelationshipOperation } from '../../../../services/common/gen/nexus/rebac/v1/write.ts'
import type { Relationship } from '../../../../services/rebac/model/relationship.ts'
import type { Dataset } from '../dataset.ts'
import { TENANT } from './questions.ts'

/** Writes everything, a batch after the other. */
export async function writeDataset(client: RebacServiceClient, metadata: Metadata, dataset: Dataset): Promise<void> {
  for (const batch of dataset.batches()) {
    const request = { tenant: TENANT, operations: batch.map(toTouch), preconditions: [], idempotencyKey: '' }
    await new Promise<void>((resolve, reject) => {
      client.writeRelationships(request, metadata, (error) => (error === null ? resolve() : reject(error)))
    })
  }
}

function toTouch(row: Relationship): RelationshipOperation {
  const named = { type: row.subjectType, id: row.subjectId }
  const kind =
    row.subjectRelation === ''
      ? { $case: 'object' as const, value: named }
      : { $case: 'userset' as const, value: { ...named, relation: row.subjectRelation } }
  const value = {
    id: '',
    object: { type: row.objectType, id: row.objectId },
    relation: row.relation,
    subject: { tenant: '', kind },
    condition: undefined,
    expiresAt: undefined,
    createdAt: undefined,
    attributes: undefined,
  }
  return { operation: { $case: 'touch', value } }
}
