import { status } from '@grpc/grpc-js'

/** How one kind of error looks on each wire. */
interface CatalogueEntry {
  /** Canonical gRPC status. */
  readonly grpc: status
  /** JSON-RPC error code on the gateway (decisions: "Errors on the wire"). */
  readonly rpc: number
  /** HTTP status on the gateway. JSON-RPC errors travel with 200 unless HTTP itself must say no. */
  readonly http: number
  /** What it means, for docs/errors.md. */
  readonly meaning: string
}

const invalid = (meaning: string): CatalogueEntry => ({
  grpc: status.INVALID_ARGUMENT,
  rpc: -32602,
  http: 200,
  meaning,
})

/** Every error of the system. The key is its machine-readable reason, which never changes. */
export const errorCatalogue = {
  // Requests to the permission service
  INVALID_REQUEST: invalid('A field of the request is missing or malformed.'),
  INVALID_TENANT: invalid('The tenant is missing or is not [a-z0-9][a-z0-9_-]{0,62}.'),
  INVALID_OBJECT: invalid('An object type or id is malformed, too long, or a wildcard where none may stand.'),
  INVALID_SUBJECT: invalid('A subject is malformed or not set.'),
  INVALID_RELATION: invalid('The name of a relation is malformed or too long.'),
  UNKNOWN_TYPE: invalid('The schema has no such object type.'),
  UNKNOWN_RELATION: invalid('The schema has no such relation on this type.'),
  UNKNOWN_SUBJECT_TYPE: invalid('The schema has no such subject type.'),
  UNKNOWN_CONDITION: invalid('The schema has no such condition.'),
  RELATIONSHIP_NOT_ALLOWED: invalid('The schema does not accept this subject, in this form, in this relation.'),
  DERIVED_RELATION: invalid('This relation follows from the ids of the objects and cannot be stored.'),
  CROSS_TENANT_RELATION: invalid(
    'Only shared-viewer, shared-editor and shared-owner may name a subject of another tenant.',
  ),
  INVALID_SCHEMA: invalid('The model has errors; the message lists all of them.'),
  INVALID_CONTEXT: invalid('A parameter of a condition has the wrong type, or the context is too large.'),
  MISSING_CONTEXT: invalid('A condition needs parameters that were not given.'),
  CONDITION_FAILED: invalid('A condition could not be evaluated.'),
  TOO_MANY_OPERATIONS: invalid('The request has more items than are allowed.'),
  DUPLICATE_KEY_IN_REQUEST: invalid('Two operations of one request concern the same relationship.'),
  FILTER_TOO_BROAD: invalid('The filter selects everything and allow_full is not set.'),
  INVALID_CURSOR: invalid('The cursor was not issued for this request, or was changed.'),
  INVALID_TOKEN: invalid('The consistency token was not issued by this system for this tenant, or was changed.'),
  SCHEMA_VERSION_NOT_FOUND: {
    grpc: status.NOT_FOUND,
    rpc: -32602,
    http: 200,
    meaning: 'The tenant has no such schema version.',
  },
  RELATIONSHIP_EXISTS: {
    grpc: status.ALREADY_EXISTS,
    rpc: -32001,
    http: 200,
    meaning: 'A relationship that was to be created exists.',
  },
  RELATIONSHIP_NOT_FOUND: {
    grpc: status.NOT_FOUND,
    rpc: -32000,
    http: 200,
    meaning: 'A relationship that was to be deleted does not exist.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    grpc: status.ALREADY_EXISTS,
    rpc: -32006,
    http: 200,
    meaning: 'The idempotency key was used for another request.',
  },
  PRECONDITION_FAILED: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32006,
    http: 200,
    meaning: 'A precondition of the write does not hold.',
  },
  SCHEMA_CHANGED: {
    grpc: status.ABORTED,
    rpc: -32010,
    http: 503,
    meaning: 'The schema changed while the request ran; try again.',
  },
  TOO_MANY_CHANGES: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32006,
    http: 200,
    meaning: 'The change concerns more relationships than one revision may have.',
  },
  SCHEMA_STRANDS_RELATIONSHIPS: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32006,
    http: 200,
    meaning: 'Stored relationships would have no effect under the new schema.',
  },
  TOKEN_EPOCH: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32010,
    http: 503,
    meaning: 'The token is from before a restore or migration of the database.',
  },
  TOKEN_FROM_FUTURE: {
    grpc: status.OUT_OF_RANGE,
    rpc: -32602,
    http: 200,
    meaning: 'The token is newer than the database.',
  },
  REVISION_TRIMMED: {
    grpc: status.OUT_OF_RANGE,
    rpc: -32602,
    http: 200,
    meaning: 'The revision is older than the retention window.',
  },
  NODE_BUDGET_EXCEEDED: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32011,
    http: 429,
    meaning: 'The evaluation looked at more nodes than it may.',
  },
  DEPTH_EXCEEDED: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32011,
    http: 429,
    meaning: 'The evaluation went deeper than max_depth.',
  },
  DEADLINE_EXCEEDED: {
    grpc: status.DEADLINE_EXCEEDED,
    rpc: -32010,
    http: 503,
    meaning: 'No answer within the deadline.',
  },
  CANCELLED: {
    grpc: status.CANCELLED,
    rpc: -32010,
    http: 503,
    meaning: 'The caller does not want the answer any more.',
  },
  TOO_MANY_WATCHES: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32011,
    http: 429,
    meaning: 'The client has as many watches open as it may.',
  },
  BUSY: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32011,
    http: 429,
    meaning: 'Too much is waiting already; try again later.',
  },
  UNAVAILABLE: {
    grpc: status.UNAVAILABLE,
    rpc: -32010,
    http: 503,
    meaning: 'A part of the system cannot be reached; try again later.',
  },
  STORAGE_FULL: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32012,
    http: 507,
    meaning: 'The disk is full, or the tenant holds as much as it may.',
  },
  UNAUTHENTICATED: {
    grpc: status.UNAUTHENTICATED,
    rpc: -32003,
    http: 401,
    meaning: 'The secret or API key is missing or wrong.',
  },
  TOKEN_NOT_PERMITTED: {
    grpc: status.PERMISSION_DENIED,
    rpc: -32004,
    http: 200,
    meaning: 'The secret may not do this, or not for this tenant.',
  },
  UNIMPLEMENTED: { grpc: status.UNIMPLEMENTED, rpc: -32601, http: 200, meaning: 'Not built yet.' },
  INTERNAL: {
    grpc: status.INTERNAL,
    rpc: -32603,
    http: 200,
    meaning: 'A defect of the server; the log has the details.',
  },

  // Requests to the gateway
  PARSE_ERROR: { grpc: status.INVALID_ARGUMENT, rpc: -32700, http: 200, meaning: 'The body is not JSON.' },
  INVALID_ENVELOPE: {
    grpc: status.INVALID_ARGUMENT,
    rpc: -32600,
    http: 200,
    meaning: 'The body is not a JSON-RPC request.',
  },
  UNKNOWN_METHOD: { grpc: status.UNIMPLEMENTED, rpc: -32601, http: 200, meaning: 'There is no such method.' },
  INVALID_PARAMS: {
    grpc: status.INVALID_ARGUMENT,
    rpc: -32602,
    http: 200,
    meaning: 'Parameters are missing, unknown or malformed.',
  },
  INVALID_PATH: { grpc: status.INVALID_ARGUMENT, rpc: -32002, http: 200, meaning: 'The path is malformed.' },
  FILE_NOT_FOUND: { grpc: status.NOT_FOUND, rpc: -32000, http: 200, meaning: 'There is nothing at this path.' },
  FILE_EXISTS: {
    grpc: status.ALREADY_EXISTS,
    rpc: -32001,
    http: 200,
    meaning: 'There is something at this path already.',
  },
  ALREADY_EXISTS: {
    grpc: status.ALREADY_EXISTS,
    rpc: -32001,
    http: 200,
    meaning: 'There is an agent, user or key of this name already.',
  },
  NOT_FOUND: { grpc: status.NOT_FOUND, rpc: -32000, http: 200, meaning: 'There is no such agent, user or key.' },
  ACCESS_DENIED: { grpc: status.PERMISSION_DENIED, rpc: -32004, http: 200, meaning: 'The caller may not do this.' },
  DIRECTORY_NOT_EMPTY: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32005,
    http: 200,
    meaning: 'The directory has entries.',
  },
  READ_ONLY: {
    grpc: status.PERMISSION_DENIED,
    rpc: -32004,
    http: 200,
    meaning: 'The path lies in a mount that is read-only, or whose back end refuses the change.',
  },
  MOUNT_BUSY: {
    grpc: status.FAILED_PRECONDITION,
    rpc: -32005,
    http: 200,
    meaning: 'What is asked for cannot be done to a mount, or to a directory with a mount in it.',
  },
  MOUNT_UNAVAILABLE: {
    grpc: status.UNAVAILABLE,
    rpc: -32010,
    http: 503,
    meaning: 'The back end of a mount does not answer, or fails; all else works.',
  },
  VALIDATION_FAILED: {
    grpc: status.INVALID_ARGUMENT,
    rpc: -32005,
    http: 200,
    meaning: 'The contents break a rule, such as that of a skill.',
  },
  CONFLICT: { grpc: status.ABORTED, rpc: -32006, http: 200, meaning: 'Somebody else changed it first.' },
  TOO_LARGE: {
    grpc: status.RESOURCE_EXHAUSTED,
    rpc: -32013,
    http: 413,
    meaning: 'The request body, a file or a content is too large.',
  },

  // At start
  CONFIG_INVALID: { grpc: status.INTERNAL, rpc: -32603, http: 500, meaning: 'Settings are wrong; exit code 2.' },
  DATABASE_OWNED: {
    grpc: status.INTERNAL,
    rpc: -32603,
    http: 500,
    meaning: 'Another process owns the database; exit code 3.',
  },
  DATABASE_DAMAGED: { grpc: status.INTERNAL, rpc: -32603, http: 500, meaning: 'The database is damaged; exit code 3.' },
  DATABASE_TOO_NEW: {
    grpc: status.INTERNAL,
    rpc: -32603,
    http: 500,
    meaning: 'The database was written by a newer program; exit code 3.',
  },
  MIGRATION_FAILED: {
    grpc: status.INTERNAL,
    rpc: -32603,
    http: 500,
    meaning: 'The database could not be brought up to date and stays as it was; exit code 3.',
  },
} as const satisfies Record<string, CatalogueEntry>

/** The machine-readable name of an error. */
export type ErrorReason = keyof typeof errorCatalogue
