import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { headerReferences } from './components.ts'
import { authPaths } from './auth-paths.ts'
import { httpErrorReferences } from './errors.ts'
import { sharePaths } from './share-paths.ts'

const OPEN: readonly JsonValue[] = []
const detail = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Detail' } } },
})
const error = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorAnswer' } } },
})
const json = (description: string, schema: JsonObject): JsonObject => ({
  description,
  content: { 'application/json': { schema } },
})
const text = (type: string, description: string): JsonObject => ({
  description,
  content: { [type]: { schema: { type: 'string' } } },
})
const headerParameter = (name: string, description: string): JsonObject => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
})

const binary: JsonObject = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
const pathParameter: JsonObject = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'The path without its first slash; its slashes stay as they are, everything else is percent-encoded.',
  schema: { type: 'string' },
}
const fileErrors: JsonObject = {
  ...httpErrorReferences,
  400: error('A malformed path or parameter (codes -32002, -32602).'),
  403: error('The caller may not do this (code -32004).'),
  412: error('A condition of the request does not hold (code -32006).'),
}

function readOperation(method: 'get' | 'head'): JsonObject {
  return {
    operationId: `${method}_file`,
    tags: ['HTTP'],
    security: [{ key: OPEN }, {}],
    summary: method === 'get' ? 'Download a file of any size, or a part of it' : 'Ask about a file without its bytes',
    parameters: [
      headerParameter('Range', 'One range of bytes.'),
      headerParameter('If-None-Match', 'ETags that are known: 304 if the file still has one of them.'),
      headerParameter('If-Match', 'ETags: 412 if the file has none of them.'),
      headerParameter('If-Modified-Since', 'A date of HTTP.'),
      headerParameter('If-Unmodified-Since', 'A date of HTTP.'),
      headerParameter('If-Range', 'An ETag or a date: the whole file if it has changed.'),
      {
        name: 'token',
        in: 'query',
        schema: { type: 'string' },
        description: 'That of a URL that read made; no key is needed.',
      },
      { name: 'disposition', in: 'query', schema: { enum: ['inline'] }, description: 'Show it instead of saving it.' },
      ...headerReferences,
    ],
    responses: {
      200: { description: 'The file; its ETag is the SHA-256 of its content.', content: binary },
      206: { description: 'The part that was asked for.', content: binary },
      304: { description: 'Nothing has changed.' },
      404: error('There is nothing at this path (code -32000).'),
      416: { description: 'There are no such bytes.' },
      ...fileErrors,
    },
  }
}

const putOperation: JsonObject = {
  operationId: 'put_file',
  tags: ['HTTP'],
  summary: 'Upload a file of any size',
  parameters: [
    headerParameter('If-Match', 'ETags: 412 if the file has none of them.'),
    headerParameter('If-None-Match', '`*`: 412 if there is a file already.'),
    ...headerReferences,
  ],
  requestBody: { required: true, content: binary },
  responses: {
    200: json('The file has a new version.', { $ref: '#/components/schemas/StoredFile' }),
    201: json('The file was made.', { $ref: '#/components/schemas/StoredFile' }),
    409: error('Something that is no file is at this path (code -32001).'),
    ...fileErrors,
  },
}

const health = (waiting: boolean): JsonObject => ({
  type: 'object',
  required: ['status', 'service'],
  properties: {
    status: { type: 'string' },
    service: { const: 'nexus-rpc' },
    ...(waiting ? { waiting_for: { type: 'array', items: { type: 'string' } } } : {}),
  },
})

function open(operationId: string, summary: string, responses: JsonObject): JsonObject {
  return { get: { operationId, tags: ['HTTP'], summary, security: OPEN, responses } }
}

/** Schemas of the routes that are no JSON-RPC. */
export const httpSchemas: JsonObject = {
  StoredFile: {
    type: 'object',
    required: ['path', 'etag', 'version', 'size', 'modified_at', 'created'],
    properties: {
      path: { type: 'string' },
      etag: { type: 'string' },
      version: { type: 'integer' },
      size: { type: 'integer' },
      modified_at: { type: 'string', format: 'date-time' },
      created: { type: 'boolean' },
    },
  },
  Identity: {
    type: 'object',
    required: ['authenticated', 'is_admin', 'inherit_permissions'],
    properties: {
      authenticated: { type: 'boolean' },
      subject_type: { type: ['string', 'null'] },
      subject_id: { type: ['string', 'null'] },
      tenant_id: { type: ['string', 'null'] },
      is_admin: { type: 'boolean' },
      inherit_permissions: { type: 'boolean' },
      user: { type: ['string', 'null'] },
    },
  },
}

const uploadHeaders = (...names: string[]): readonly JsonObject[] => [
  headerParameter('Tus-Resumable', '`1.0.0`'),
  ...names.map((name) => headerParameter(name, 'As the protocol says.')),
  { $ref: '#/components/parameters/AgentId' },
]
const uploadErrors: JsonObject = {
  ...httpErrorReferences,
  403: error('The caller may not write there (code -32004).'),
  404: { description: "There is no such upload, or it is another caller's." },
}

function uploadOperation(operationId: string, summary: string, status: number, ...names: string[]): JsonObject {
  return {
    operationId,
    tags: ['HTTP'],
    summary,
    parameters: uploadHeaders(...names),
    responses: { [status]: { description: 'Done.' }, ...uploadErrors },
  }
}

const uploadId: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }

/** The routes that are no JSON-RPC. */
export const httpPaths: JsonObject = {
  '/api/files/{path}': {
    parameters: [pathParameter],
    get: readOperation('get'),
    head: readOperation('head'),
    put: putOperation,
  },
  '/api/uploads': {
    post: uploadOperation(
      'create_upload',
      'Begin an upload that can be resumed, by the protocol tus; Upload-Metadata has the path',
      201,
      'Upload-Length',
      'Upload-Metadata',
    ),
  },
  '/api/uploads/{id}': {
    parameters: [uploadId],
    head: uploadOperation('get_upload', 'How far an upload is', 200),
    patch: uploadOperation('continue_upload', 'Send more bytes; the last of them make the file', 204, 'Upload-Offset'),
    delete: uploadOperation('delete_upload', 'Give up an unfinished upload', 204),
  },
  ...sharePaths,
  '/api/auth/whoami': {
    get: {
      operationId: 'whoami',
      tags: ['HTTP'],
      summary: 'Whom the key stands for',
      security: [{ key: OPEN }, {}],
      parameters: [{ $ref: '#/components/parameters/AgentId' }],
      responses: {
        200: json('Who calls; without a key nobody.', { $ref: '#/components/schemas/Identity' }),
        401: { $ref: '#/components/responses/Unauthenticated' },
        403: detail("The agent is none of the key's user."),
        503: { $ref: '#/components/responses/Unavailable' },
      },
    },
  },
  ...authPaths,
  '/api/nfs/status': open('status', 'The methods that are served', {
    200: json('Their names.', {
      type: 'object',
      properties: { status: { const: 'running' }, methods: { type: 'array', items: { type: 'string' } } },
    }),
  }),
  '/health': open('health', 'Whether the process lives; asks nobody', { 200: json('It does.', health(false)) }),
  '/health/ready': open('ready', 'Whether calls can be served', {
    200: json('They can.', health(false)),
    503: json('They cannot yet.', health(true)),
  }),
  '/metrics': open('metrics', 'Metrics for Prometheus', { 200: text('text/plain', 'The metrics.') }),
  '/openapi.json': open('openapi', 'This description', { 200: json('It.', { type: 'object' }) }),
  '/docs': open('docs', 'This description as a page to read and to try things in', {
    200: text('text/html', 'The page.'),
  }),
}
