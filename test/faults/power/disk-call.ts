import { dirname } from 'node:path'
import type { Moment, TracedCall } from './trace.ts'

/** What a call does to files and names below one folder. Paths are absolute. */
export type DiskCall = { readonly begun: Moment; readonly ended: Moment } & (
  | { readonly kind: 'open'; readonly path: string; readonly creates: boolean; readonly truncates: boolean }
  /** offset null: after the last such write */
  | { readonly kind: 'write'; readonly path: string; readonly data: Buffer; readonly offset: number | null }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
)

const STRING = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g
const DESCRIPTOR = /^\d+<((?:\\x[0-9a-f]{2})*)>/

/**
 * What a recorded call does below `folder`; null if nothing.
 * @throws Error if it does something that is not known here: a rebuilt disk would be wrong
 */
export function diskCall(call: TracedCall, folder: string): DiskCall | null {
  if (call.result < 0) return null
  const opened = DESCRIPTOR.exec(call.args)?.[1]
  const path = opened === undefined ? '' : decode(opened).toString()
  if (opened !== undefined && !isBelow(path, folder)) return null
  const { begun, ended } = call
  const known = opened === undefined ? byName(call, folder) : byDescriptor(call, path)
  return known === null ? null : { begun, ended, ...known }
}

type Effect = DiskCall extends infer Call ? (Call extends DiskCall ? Omit<Call, 'begun' | 'ended'> : never) : never

function byDescriptor({ name, args, result }: TracedCall, path: string): Effect {
  switch (name) {
    case 'pwrite64':
      return { kind: 'write', path, data: dataOf(args, result), offset: lastNumber(args) }
    case 'write':
      return { kind: 'write', path, data: dataOf(args, result), offset: null }
    case 'ftruncate':
      return { kind: 'truncate', path, size: lastNumber(args) }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path }
    default:
      throw new Error(`a rebuilt disk would lack what ${name} did to ${path}`)
  }
}

function byName({ name, args }: TracedCall, folder: string): Effect | null {
  const [first = '', second = ''] = stringsOf(args).map((bytes) => bytes.toString())
  if (!isBelow(first, folder) && !isBelow(second, folder)) return null
  switch (name) {
    case 'open':
    case 'openat':
      if (args.includes('O_APPEND')) throw new Error(`${first} was opened for appending`)
      return { kind: 'open', path: first, creates: args.includes('O_CREAT'), truncates: args.includes('O_TRUNC') }
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', from: first, to: second }
    case 'unlink':
    case 'unlinkat':
      return { kind: 'remove', path: first }
    case 'mkdir':
    case 'mkdirat':
      return { kind: 'mkdir', path: first }
    default:
      throw new Error(`a rebuilt disk would lack what ${name} did to ${first}`)
  }
}

function isBelow(path: string, folder: string): boolean {
  for (let above = path; above !== dirname(above); above = dirname(above)) if (above === folder) return true
  return false
}

function dataOf(args: string, written: number): Buffer {
  return (stringsOf(args)[0] ?? Buffer.alloc(0)).subarray(0, written)
}

function stringsOf(args: string): Buffer[] {
  return [...args.matchAll(STRING)].map(([, hex = '', cut]) => {
    if (cut !== undefined) throw new Error('the recording is not whole')
    return decode(hex)
  })
}

function decode(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}

function lastNumber(args: string): number {
  return Number(args.slice(args.lastIndexOf(',') + 1))
}
