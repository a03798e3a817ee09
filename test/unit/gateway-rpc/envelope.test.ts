import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { envelopeId, parseEnvelope } from '../../../gateway/rpc/envelope.ts'
import { presentError } from '../../../gateway/rpc/errors.ts'

describe('the envelope', () => {
  it.each([
    [undefined, { id: null, params: {} }],
    [{}, { id: null, params: {} }],
    [
      { id: 'a', method: 'list', params: { path: '/' } },
      { id: 'a', params: { path: '/' } },
    ],
    [
      { id: 0, method: null, params: null },
      { id: 0, params: {} },
    ],
    [
      { jsonrpc: '1.0', extra: true },
      { id: null, params: {} },
    ],
  ])('reads %j', (body, expected) => {
    expect(parseEnvelope(body, 'list')).toEqual(expected)
  })

  it.each([
    [[], 'INVALID_ENVELOPE', /Batches/],
    ['text', 'INVALID_ENVELOPE', /object/],
    [7, 'INVALID_ENVELOPE', /object/],
    [{ id: {} }, 'INVALID_ENVELOPE', /id must be/],
    [{ method: 7 }, 'INVALID_ENVELOPE', /method must be/],
    [{ method: 'glob' }, 'INVALID_ENVELOPE', /^Method mismatch: URL=list, body=glob$/],
    [{ params: [] }, 'INVALID_PARAMS', /named parameters/],
    [{ params: 'x' }, 'INVALID_PARAMS', /named parameters/],
  ])('refuses %j', (body, reason, message) => {
    expect(() => parseEnvelope(body, 'list')).toThrowError(
      expect.objectContaining({ reason, message: expect.stringMatching(message) as string }),
    )
  })

  it('finds the id of a request that is otherwise wrong', () => {
    expect(envelopeId({ id: 'x', params: 7 })).toBe('x')
    expect(envelopeId([{ id: 1 }])).toBeNull()
    expect(envelopeId({ id: { a: 1 } })).toBeNull()
  })
})

describe('errors on the wire', () => {
  it('hides what is not for the caller', () => {
    const { http, error, defect } = presentError(new Error('password=hunter2'), 'r-1')
    expect(http).toBe(200)
    expect(error.code).toBe(-32603)
    expect(error.message).not.toContain('hunter2')
    expect(error.message).toContain('r-1')
    expect(defect?.cause).toBeInstanceOf(Error)
  })

  it.each([
    ['UNAVAILABLE', 503, -32010, 1],
    ['DEADLINE_EXCEEDED', 503, -32010, 1],
    ['BUSY', 429, -32011, 1],
    ['STORAGE_FULL', 507, -32012, null],
    ['TOO_LARGE', 413, -32013, null],
    ['ACCESS_DENIED', 200, -32004, null],
  ] as const)('%s is HTTP %i with code %i', (reason, http, code, retryAfter) => {
    expect(presentError(new NexusError(reason, 'why'), 'r')).toMatchObject({
      http,
      error: { code, message: 'why' },
      retryAfter,
    })
  })

  it.each(['UNAUTHENTICATED', 'TOKEN_NOT_PERMITTED'] as const)(
    '%s from inside is not the fault of the caller',
    (reason) => {
      const presented = presentError(new NexusError(reason, 'bad secret'), 'r')
      expect(presented).toMatchObject({ http: 503, error: { code: -32010 }, retryAfter: 1 })
      expect(presented.defect).not.toBeNull()
    },
  )

  it('invalid parameters begin with the words that clients know', () => {
    expect(presentError(new NexusError('INVALID_PARAMS', 'no'), 'r').error.message).toBe('Invalid parameters: no')
    expect(presentError(new NexusError('DERIVED_RELATION', 'no'), 'r').error.message).toBe('Invalid parameters: no')
  })
})
