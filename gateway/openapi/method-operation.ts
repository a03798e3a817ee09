import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import type { Method, MethodExample } from '../rpc/method.ts'
import { headerReferences } from './components.ts'
import { httpErrorReferences } from './errors.ts'

/** POST /api/nfs/{name}, with the schema of its parameters. */
export function methodOperation(method: Method, params: JsonObject): JsonObject {
  const { name, docs, tag = 'Others' } = method
  return {
    post: {
      operationId: name,
      tags: [tag],
      summary: docs.summary,
      ...beforeExample(docs.example),
      parameters: headerReferences,
      requestBody: {
        content: {
          'application/json': {
            schema: requestSchema(name, params),
            example: { jsonrpc: '2.0', id: 1, method: name, params: docs.example.params as JsonValue },
          },
        },
      },
      responses: {
        200: {
          description: 'The result, or an error of the call.',
          content: {
            'application/json': {
              schema: {
                oneOf: [{ $ref: '#/components/schemas/ResultAnswer' }, { $ref: '#/components/schemas/ErrorAnswer' }],
              },
            },
          },
        },
        ...httpErrorReferences,
      },
    },
  }
}

/** What has to be called first so that the example has something to act on, and the error that it may come to. */
function beforeExample({ before, error }: MethodExample): JsonObject {
  return {
    ...(before === undefined
      ? {}
      : { 'x-before': before.map(([method, params]) => ({ method, params: params as JsonValue })) }),
    ...(error === undefined ? {} : { 'x-error': error }),
  }
}

function requestSchema(name: string, params: JsonObject): JsonObject {
  return {
    type: 'object',
    ...('required' in params ? { required: ['params'] } : {}),
    properties: {
      jsonrpc: { const: '2.0' },
      id: { $ref: '#/components/schemas/RequestId' },
      method: { const: name },
      params,
    },
  }
}
