import type { JsonObject } from '../../services/common/json.ts'
import { errorSchema, httpErrorResponses } from './errors.ts'

function wrapped(type: string, member: string, value: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['__type__', member],
    properties: { __type__: { const: type }, [member]: value },
  }
}

const id: JsonObject = { type: ['string', 'number', 'null'], description: 'Comes back in the answer.' }

/** Schemas that operations refer to. */
export const schemas: JsonObject = {
  Bytes: wrapped('bytes', 'data', { type: 'string', contentEncoding: 'base64' }),
  Datetime: wrapped('datetime', 'data', { type: 'string', description: 'ISO 8601; without a zone it is UTC.' }),
  Timedelta: wrapped('timedelta', 'seconds', { type: 'number' }),
  RequestId: id,
  Error: errorSchema(),
  ErrorAnswer: {
    type: 'object',
    required: ['jsonrpc', 'id', 'error'],
    properties: { jsonrpc: { const: '2.0' }, id, error: { $ref: '#/components/schemas/Error' } },
  },
  ResultAnswer: {
    type: 'object',
    required: ['jsonrpc', 'id', 'result'],
    properties: {
      jsonrpc: { const: '2.0' },
      id,
      result: { description: 'Bytes and times in it are `Bytes` and `Datetime`, or ISO 8601 texts.' },
    },
  },
  Detail: { type: 'object', required: ['detail'], properties: { detail: { type: 'string' } } },
}

/** Headers that every call may send. */
export const headers: JsonObject = {
  AgentId: {
    name: 'X-Agent-ID',
    in: 'header',
    description: "Act as this agent, which must be one of the key's own user.",
    schema: { type: 'string' },
  },
  RequestId: {
    name: 'X-Request-ID',
    in: 'header',
    description: 'Comes back, and stands in the log.',
    schema: { type: 'string', pattern: '^[\\w.:-]{1,128}$' },
  },
  Revision: {
    name: 'X-Nexus-Revision',
    in: 'header',
    description: 'What answers had in this header: permissions are judged no older than that.',
    schema: { type: 'string' },
  },
}

export const headerReferences: readonly JsonObject[] = Object.keys(headers).map((name) => ({
  $ref: `#/components/parameters/${name}`,
}))

export const responses: JsonObject = httpErrorResponses
