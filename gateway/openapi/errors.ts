import { errorCatalogue } from '../../services/common/errors/catalogue.ts'
import type { JsonObject } from '../../services/common/json.ts'

interface Meaning {
  readonly code: number
  readonly http: number
  readonly text: string
}

/** What a caller of the gateway may be answered; what stops a process at start is not among it. */
const meanings: readonly Meaning[] = Object.entries(errorCatalogue)
  .filter(([, { http }]) => http !== 500)
  .map(([reason, { rpc, http, meaning }]) => ({ code: rpc, http, text: `${reason}: ${meaning}` }))

/** The JSON-RPC error object, with every code and what it means. */
export function errorSchema(): JsonObject {
  const codes = [...new Set(meanings.map(({ code }) => code))].toSorted((a, b) => b - a)
  const table = codes.map((code) => {
    const same = meanings.filter((meaning) => meaning.code === code)
    return `| ${code} | ${same[0]?.http} | ${same.map(({ text }) => text).join('<br>')} |`
  })
  return {
    type: 'object',
    required: ['code', 'message'],
    properties: {
      code: {
        type: 'integer',
        enum: codes,
        description: ['| code | HTTP | meanings |', '|---|---|---|', ...table].join('\n'),
      },
      message: { type: 'string', description: 'One sentence for people.' },
      data: { type: 'object', description: 'Particulars for programs, such as both ETags of a conflict.' },
    },
  }
}

const HTTP_ERRORS = {
  413: ['TooLarge', 'The body or a file is larger than it may be (code -32013).'],
  429: ['Busy', 'Too much is in flight already (code -32011); `Retry-After` says when to try again.'],
  503: [
    'Unavailable',
    'A part of the system did not answer in time (code -32010); `Retry-After` says when to try again.',
  ],
  507: ['StorageFull', 'The disk is full, or the tenant has used up its quota (code -32012).'],
} as const

const error = { 'application/json': { schema: { $ref: '#/components/schemas/ErrorAnswer' } } }

/** The answers of HTTP that any call may be given, by reference. */
export const httpErrorReferences: JsonObject = {
  401: { $ref: '#/components/responses/Unauthenticated' },
  ...Object.fromEntries(
    Object.entries(HTTP_ERRORS).map(([status, [name]]) => [status, { $ref: `#/components/responses/${name}` }]),
  ),
}

export const httpErrorResponses: JsonObject = {
  Unauthenticated: {
    description: 'The key is missing, unknown, revoked or expired.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Detail' } } },
  },
  ...Object.fromEntries(
    Object.values(HTTP_ERRORS).map(([name, description]) => [name, { description, content: error }]),
  ),
}
