import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { Violation } from '../errors/nexus-error.ts'

/** Who defines our reasons (google.rpc.ErrorInfo.domain). */
const ERROR_DOMAIN = 'nexus'
const TYPE_PREFIX = 'type.googleapis.com/google.rpc.'

/** What travels in `grpc-status-details-bin`. */
export interface StatusDetails {
  readonly code: number
  readonly message: string
  readonly reason: string
  readonly metadata: ReadonlyMap<string, string>
  /** As a google.rpc.PreconditionFailure, or as a google.rpc.BadRequest. */
  readonly violationsAs: 'PreconditionFailure' | 'BadRequest'
  readonly violations: readonly Violation[]
}

/**
 * A google.rpc.Status with an ErrorInfo, and with the violations if there are any, as generic gRPC clients expect it.
 * Written by hand: these few messages do not justify another generated package.
 */
export function encodeStatusDetails(details: StatusDetails): Buffer {
  const { code, message, violations } = details
  const status = new BinaryWriter().uint32(8).int32(code).uint32(18).string(message)
  status.uint32(26).bytes(encodeAny('ErrorInfo', encodeErrorInfo(details)))
  if (violations.length > 0) status.uint32(26).bytes(encodeAny(details.violationsAs, encodeViolations(details)))
  return Buffer.from(status.finish())
}

function encodeErrorInfo({ reason, metadata }: StatusDetails): Uint8Array {
  const info = new BinaryWriter().uint32(10).string(reason).uint32(18).string(ERROR_DOMAIN)
  for (const [key, value] of metadata) {
    info.uint32(26).bytes(new BinaryWriter().uint32(10).string(key).uint32(18).string(value).finish())
  }
  return info.finish()
}

/** FieldViolation {field, description}, or PreconditionFailure.Violation {type, subject, description}. */
function encodeViolations({ reason, violations, violationsAs }: StatusDetails): Uint8Array {
  const list = new BinaryWriter()
  for (const { subject, description } of violations) {
    const one = new BinaryWriter()
    if (violationsAs === 'BadRequest') one.uint32(10).string(subject).uint32(18).string(description)
    else one.uint32(10).string(reason).uint32(18).string(subject).uint32(26).string(description)
    list.uint32(10).bytes(one.finish())
  }
  return list.finish()
}

function encodeAny(type: string, value: Uint8Array): Uint8Array {
  return new BinaryWriter().uint32(10).string(`${TYPE_PREFIX}${type}`).uint32(18).bytes(value).finish()
}
