import {
  type CheckResponse,
  type CheckStreamResponse,
  CheckStreamResult,
} from '../../../common/gen/nexus/rebac/v1/check.ts'

// The generated encoders make a writer for each message, and for each text a list of parts. Answers are a few bytes and
// there may be a million a second; so these are written by hand, and are the same to the byte.

// Tags: the number of a field, and how it is written.
const DECISION = 0x08
const TOKEN = 0x12
const RESULT = 0x0a
const ID = 0x08
const CHECK = 0x12

/** The last answer of each decision; most have the token of the one before. */
const latest: { token: string; bytes: Buffer }[] = []

/** The bytes of the answer to a single check. They may be shared with others: do not change them. */
export function encodeCheckResponse({ decision, token }: CheckResponse): Buffer {
  const known = latest[decision]
  if (known?.token === token) return known.bytes
  const bytes = encodeAnswer(decision, token)
  latest[decision] = { token, bytes }
  return bytes
}

/** The bytes of several answers of a stream. */
export function encodeCheckStreamResponse({ results }: CheckStreamResponse): Buffer {
  const bodies: Uint8Array[] = []
  let length = 0
  for (const result of results) {
    const { id, outcome } = result
    const body =
      outcome?.$case === 'check' ? encodeCheckResponse(outcome.value) : CheckStreamResult.encode(result).finish()
    const inner = outcome?.$case === 'check' ? resultLength(id, body) : body.length
    bodies.push(body)
    length += 1 + varintLength(inner) + inner
  }
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const [index, { id, outcome }] of results.entries()) {
    const body = bodies[index]!
    bytes[at++] = RESULT
    if (outcome?.$case === 'check') {
      at = writeVarint(bytes, at, resultLength(id, body))
      if (id !== 0) {
        bytes[at++] = ID
        at = writeVarint(bytes, at, id)
      }
      bytes[at++] = CHECK
    }
    at = writeVarint(bytes, at, body.length)
    bytes.set(body, at)
    at += body.length
  }
  return bytes
}

function encodeAnswer(decision: number, token: string): Buffer {
  const tokenLength = Buffer.byteLength(token)
  const length = (decision === 0 ? 0 : 2) + (tokenLength === 0 ? 0 : 1 + varintLength(tokenLength) + tokenLength)
  const bytes = Buffer.allocUnsafeSlow(length)
  let at = 0
  if (decision !== 0) {
    bytes[at++] = DECISION
    bytes[at++] = decision
  }
  if (tokenLength > 0) {
    bytes[at++] = TOKEN
    at = writeVarint(bytes, at, tokenLength)
    bytes.write(token, at)
  }
  return bytes
}

/** The length of a result whose outcome is a single check. */
function resultLength(id: number, body: Uint8Array): number {
  return (id === 0 ? 0 : 1 + varintLength(id)) + 1 + varintLength(body.length) + body.length
}

function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
  bytes[at++] = rest
  return at
}
