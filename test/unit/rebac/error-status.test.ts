import { describe, expect, it } from 'vitest'
import { fromBinary, type Message } from './support/status-message.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { toErrorStatus } from '../../../services/common/grpc/error-status.ts'

function travelled(error: NexusError): { readonly details: string; readonly bytes: number; readonly status: Message } {
  const { details, metadata } = toErrorStatus(error)
  const [binary] = metadata.get('grpc-status-details-bin')
  if (!Buffer.isBuffer(binary)) throw new Error('there are no details')
  return { details, bytes: encodeURI(details).length + Math.ceil(binary.length / 3) * 4, status: fromBinary(binary) }
}

describe('errors on the wire', () => {
  it('carry code, message, reason and what is known besides', () => {
    const { details, status } = travelled(
      new NexusError('RELATIONSHIP_EXISTS', 'It exists.', { data: { operation: 3, id: 'x' } }),
    )
    expect(details).toBe('It exists.')
    expect(status).toEqual({
      code: 6,
      message: 'It exists.',
      details: [
        { type: 'ErrorInfo', reason: 'RELATIONSHIP_EXISTS', domain: 'nexus', metadata: { operation: '3', id: 'x' } },
      ],
    })
  })

  it('carry violations, as what fits the code', () => {
    const violations = [{ subject: 'doc:1#viewer@user:a', description: 'would have no effect' }]
    const stranded = travelled(new NexusError('SCHEMA_STRANDS_RELATIONSHIPS', 'One: that.', { violations }))
    expect(stranded.status).toMatchObject({
      message: 'One',
      details: [
        { reason: 'SCHEMA_STRANDS_RELATIONSHIPS' },
        {
          type: 'PreconditionFailure',
          violations: [['SCHEMA_STRANDS_RELATIONSHIPS', 'doc:1#viewer@user:a', 'would have no effect']],
        },
      ],
    })
    const invalid = travelled(new NexusError('INVALID_SCHEMA', 'One', { violations }))
    expect(invalid.status.details[1]).toEqual({
      type: 'BadRequest',
      violations: [['doc:1#viewer@user:a', 'would have no effect']],
    })
  })

  it.each(['x', ' ', '\n', 'ä', '\u{1f600}', '\ud800'])('fit the trailers, however much there is of %j', (text) => {
    const violations = Array.from({ length: 100 }, () => ({ subject: text.repeat(500), description: text.repeat(80) }))
    const message = `Problems: ${text.repeat(5_000)}`
    const { bytes, details, status } = travelled(
      new NexusError('INVALID_SCHEMA', message, { violations, data: { large: text.repeat(2_000), total: 100 } }),
    )
    expect(bytes).toBeLessThan(7_500)
    expect(details).toMatch(/^Problems: .+ \.\.\.$/s)
    expect(details.isWellFormed()).toBe(true)
    expect(status.details[0]).toMatchObject({ metadata: { total: '100' } })
  })
})
