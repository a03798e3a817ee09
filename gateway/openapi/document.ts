import type { JsonObject } from '../../services/common/json.ts'
import type { Method } from '../rpc/method.ts'
import { headers, responses, schemas } from './components.ts'
import { httpPaths, httpSchemas } from './http-paths.ts'
import { methodOperation } from './method-operation.ts'
import { parametersSchema } from './parameters-schema.ts'

const DESCRIPTION = `A file system for AI agents, guarded by relationships.

Every method is \`POST /api/nfs/{method}\` with a JSON-RPC 2.0 request whose \`params\` are named. A call that was
understood is answered with HTTP 200, and has a \`result\` or an \`error\`; the codes are those of the schema \`Error\`.
Bytes, times and lengths of time travel as the schemas \`Bytes\`, \`Datetime\` and \`Timedelta\`, in both directions.
Files of any size go through \`/api/files/{path}\` without an envelope.`

/** The OpenAPI 3.1 description of everything that is served, made of the schemas that check the calls. */
export function openApiDocument(methods: readonly Method[]): JsonObject {
  const described = methods.map((method) => ({ method, ...parametersSchema(method.name, method.params) }))
  const tags = [...new Set(methods.map(({ tag = 'Others' }) => tag)), 'HTTP']
  return {
    openapi: '3.1.1',
    info: {
      title: 'Nexus',
      version: '1.0',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: tags.map((name) => ({ name })),
    paths: {
      ...Object.fromEntries(
        described.map(({ method, schema }) => [`/api/nfs/${method.name}`, methodOperation(method, schema)]),
      ),
      ...httpPaths,
    },
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', bearerFormat: 'sk-...', description: 'An API key.' },
      },
      parameters: headers,
      responses,
      schemas: {
        ...schemas,
        ...httpSchemas,
        ...Object.assign({}, ...described.map(({ components }) => components)),
      },
    },
  }
}
