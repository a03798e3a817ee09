import type { JsonObject } from '../../services/common/json.ts'
import { httpErrorReferences } from './errors.ts'

const answer = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorAnswer' } } },
})
const errors: JsonObject = {
  ...httpErrorReferences,
  400: answer('The body is not what it should be (code -32700 or -32602).'),
  403: answer('The password is missing or wrong (code -32004).'),
  404: answer('There is no such link, or it is not valid any more (code -32000).'),
}
const operation = (operationId: string, summary: string, more: JsonObject, content: JsonObject): JsonObject => ({
  operationId,
  tags: ['HTTP'],
  summary,
  security: [],
  ...more,
  responses: { 200: { description: 'What the link leads to.', content }, ...errors },
})
const parameters = [{ name: 'link', in: 'path', required: true, schema: { type: 'string' } }]
const json: JsonObject = { 'application/json': { schema: { type: 'object' } } }
const binary: JsonObject = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
const password: JsonObject = {
  'application/json': { schema: { type: 'object', properties: { password: { type: 'string' } } } },
}
const download: JsonObject = {
  parameters: [
    { name: 'ticket', in: 'query', description: 'Of an access; without it one is taken.', schema: { type: 'string' } },
    { name: 'X-Share-Password', in: 'header', description: 'The password.', schema: { type: 'string' } },
  ],
}

/** The routes of share links, which need no key. */
export const sharePaths: JsonObject = {
  '/api/share/{link}': {
    parameters,
    get: operation('look_at_share_link', 'What a link leads to; does not count as an access', {}, json),
  },
  '/api/share/{link}/access': {
    parameters,
    post: operation('open_share_link', 'Take an access of a link', { requestBody: { content: password } }, json),
  },
  '/api/share/{link}/download': {
    parameters,
    get: operation('download_share_link', 'The file behind a link', download, binary),
  },
}
