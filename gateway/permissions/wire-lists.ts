import { type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { ListObjectsRequest, ListObjectsResponse } from '../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { fromServiceError } from '../../services/common/grpc/error-status.ts'
import type { ListObjectsQuestion, ObjectList, PermissionScope } from './contract.ts'
import { type DefaultConsistency, toWireConsistency } from './wire-checks.ts'
import { toWireSubject } from './wire-subjects.ts'

/** A question for the wire. */
export function toWireListObjects(
  question: ListObjectsQuestion,
  { context, token }: Pick<PermissionScope, 'context'> & { readonly token: string | null },
  consistency: DefaultConsistency,
): ListObjectsRequest {
  const {
    tenant,
    objectType,
    relation,
    subject,
    alsoAs,
    resolveInheritance,
    bounds,
    lookForIncoming = false,
  } = question
  return {
    tenant,
    objectType,
    relation,
    subject: toWireSubject(subject),
    alsoAs: alsoAs.map(toWireSubject),
    resolveInheritance,
    context: Object.keys(context).length === 0 ? undefined : context,
    contextualRelationships: [],
    consistency: toWireConsistency(token, consistency),
    schemaVersion: '',
    limits: bounds === undefined ? undefined : { maxDepth: 0, nodeBudget: bounds.nodeBudget },
    idPrefix: bounds?.idPrefix ?? '',
    limit: bounds?.limit ?? 0,
    cursor: '',
    lookForIncomingShares: lookForIncoming,
  }
}

/** All messages of an answer. @throws NexusError with the service's reason */
export function collectObjects(stream: ClientReadableStream<ListObjectsResponse>): Promise<ObjectList> {
  return new Promise((resolve, reject) => {
    const objects: { readonly id: string; readonly coversSubtree: boolean }[] = []
    let last: ListObjectsResponse | null = null
    stream.on('data', (message: ListObjectsResponse) => {
      for (const object of message.objects) objects.push(object)
      last = message
    })
    stream.on('error', (error: ServiceError) => reject(fromServiceError(error)))
    // An error may come after what looked like the end.
    stream.on('status', ({ code }) => {
      if (code !== status.OK) return
      if (last === null) reject(new NexusError('INTERNAL', 'The permission service sent no answer.'))
      else resolve({ objects, coversAll: last.coversAll, more: last.cursor !== '', noIncoming: last.noIncomingShares })
    })
  })
}
