import { BinaryReader } from '@bufbuild/protobuf/wire'

/** A google.rpc.Status with its details. */
export interface Message {
  readonly code: number
  readonly message: string
  readonly details: readonly Detail[]
}

type Detail =
  | { type: string; reason: string; domain: string; metadata: Record<string, string> }
  | { type: string; violations: string[][] }

/** Reads what an error carries in grpc-status-details-bin, as a client with Google's definitions does. */
export function fromBinary(bytes: Uint8Array): Message {
  const reader = new BinaryReader(bytes)
  const status = { code: 0, message: '', details: [] as Detail[] }
  while (reader.pos < reader.len) {
    const field = reader.tag()[0]
    if (field === 1) status.code = reader.int32()
    else if (field === 2) status.message = reader.string()
    else status.details.push(readAny(reader.bytes()))
  }
  return status
}

function readAny(bytes: Uint8Array): Detail {
  const [url = '', value = new Uint8Array()] = parts(bytes)
  const type = text(url).replace('type.googleapis.com/google.rpc.', '')
  if (type !== 'ErrorInfo') return { type, violations: parts(value).map((one) => parts(one).map(text)) }
  const [reason = '', domain = '', ...entries] = parts(value)
  const metadata = Object.fromEntries(entries.map((entry) => parts(entry).map(text)))
  return { type, reason: text(reason), domain: text(domain), metadata }
}

/** The fields of a message that has length-delimited ones only, in their order. */
function parts(bytes: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(bytes)
  const fields: Uint8Array[] = []
  while (reader.pos < reader.len) {
    reader.tag()
    fields.push(reader.bytes())
  }
  return fields
}

function text(bytes: Uint8Array | string): string {
  return typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
