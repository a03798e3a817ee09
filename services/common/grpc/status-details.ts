import { BinaryWriter } from '@bufbuild/protobuf/wire'

/** Who defines our reasons (google.rpc.ErrorInfo.domain). */
const ERROR_DOMAIN = 'nexus'
const ERROR_INFO_TYPE = 'type.googleapis.com/google.rpc.ErrorInfo'

/**
 * A google.rpc.Status with one ErrorInfo, as generic gRPC clients expect it in `grpc-status-details-bin`. Written by
 * hand: these two messages do not justify another generated package.
 */
export function encodeStatusDetails(code: number, message: string, reason: string): Buffer {
  const info = new BinaryWriter().uint32(10).string(reason).uint32(18).string(ERROR_DOMAIN).finish()
  const any = new BinaryWriter().uint32(10).string(ERROR_INFO_TYPE).uint32(18).bytes(info).finish()
  const status = new BinaryWriter().uint32(8).int32(code).uint32(18).string(message).uint32(26).bytes(any).finish()
  return Buffer.from(status)
}
