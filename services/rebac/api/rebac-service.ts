import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { CheckStreamRequest, CheckStreamResponse } from '../../common/gen/nexus/rebac/v1/check.ts'
import type { RebacServiceServer } from '../../common/gen/nexus/rebac/v1/service.ts'
import { clientStream } from '../../common/grpc/client-stream.ts'
import { EndlessStreams } from '../../common/grpc/endless-streams.ts'
import { type HandlerOptions, serverStream, unary } from '../../common/grpc/handlers.ts'
import type { ApiContext } from './api-context.ts'
import type { Caller } from './authenticator.ts'
import { checkBulkHandler } from './check/check-bulk.ts'
import { CheckStreamSession } from './check/check-stream-session.ts'
import { checkHandler } from './check/check.ts'
import { deleteRelationshipsHandler } from './relationships/delete-relationships.ts'
import { exportRelationshipsHandler } from './relationships/export-relationships.ts'
import { importRelationshipsHandler } from './relationships/import-relationships.ts'
import { moveObjectsHandler } from './relationships/move-objects.ts'
import { readRelationshipsHandler } from './relationships/read-relationships.ts'
import { writeRelationshipsHandler } from './relationships/write-relationships.ts'
import { expandHandler } from './lookup/expand.ts'
import { explainHandler } from './lookup/explain.ts'
import { listIncomingSharesHandler } from './lookup/list-incoming-shares.ts'
import { listObjectsHandler } from './lookup/list-objects.ts'
import { listPermissionsHandler } from './lookup/list-permissions.ts'
import { listSubjectsHandler } from './lookup/list-subjects.ts'
import { diffSchemaHandler } from './schema/diff-schema.ts'
import { readSchemaHandler } from './schema/read-schema.ts'
import { reflectSchemaHandler } from './schema/reflect-schema.ts'
import { writeSchemaHandler } from './schema/write-schema.ts'
import { watchHandler } from './watch/watch.ts'

/** The service's handlers, and what has to be told when the server drains. */
export interface RebacService {
  readonly handlers: RebacServiceServer
  /** Ends the streams that have no end of their own. */
  endStreams(): void
}

/** Attaches the handlers to grpc-js. */
export function createRebacService(api: ApiContext, options: HandlerOptions<Caller>): RebacService {
  const sessions = new Set<CheckStreamSession>()
  // An export may take any time that the client gives it.
  const unhurried = { ...options, defaultTimeoutMs: Number.POSITIVE_INFINITY }
  const endless = new EndlessStreams()
  let draining = false
  const checkStream = (call: ServerDuplexStream<CheckStreamRequest, CheckStreamResponse>) => {
    const session = new CheckStreamSession(api, options.callerOf(call), call)
    sessions.add(session)
    session.run(() => sessions.delete(session))
    if (draining) session.end()
  }
  return {
    handlers: {
      check: unary('Check', options, checkHandler(api)),
      checkBulk: unary('CheckBulk', options, checkBulkHandler(api)),
      checkStream,
      writeRelationships: unary('WriteRelationships', options, writeRelationshipsHandler(api)),
      readRelationships: unary('ReadRelationships', options, readRelationshipsHandler(api)),
      deleteRelationships: unary('DeleteRelationships', options, deleteRelationshipsHandler(api)),
      moveObjects: unary('MoveObjects', options, moveObjectsHandler(api)),
      importRelationships: clientStream('ImportRelationships', options, importRelationshipsHandler(api)),
      exportRelationships: serverStream('ExportRelationships', unhurried, exportRelationshipsHandler(api)),
      watch: endless.attach('Watch', options, watchHandler(api)),
      readSchema: unary('ReadSchema', options, readSchemaHandler(api)),
      writeSchema: unary('WriteSchema', options, writeSchemaHandler(api)),
      diffSchema: unary('DiffSchema', options, diffSchemaHandler(api)),
      reflectSchema: unary('ReflectSchema', options, reflectSchemaHandler(api)),
      listIncomingShares: unary('ListIncomingShares', options, listIncomingSharesHandler(api)),
      listObjects: serverStream('ListObjects', options, listObjectsHandler(api)),
      listSubjects: serverStream('ListSubjects', options, listSubjectsHandler(api)),
      listPermissions: unary('ListPermissions', options, listPermissionsHandler(api)),
      expand: unary('Expand', options, expandHandler(api)),
      explain: unary('Explain', options, explainHandler(api)),
    },
    endStreams: () => {
      draining = true
      endless.endAll()
      for (const session of sessions) session.end()
    },
  }
}
