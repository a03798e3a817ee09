/** Bytes `start` to before `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

const ONE_RANGE = /^bytes\s*=\s*(\d*)-(\d*)$/i

/**
 * The part of `size` bytes that a Range header asks for. 'whole' for none, and for what a server may pass over: other
 * units, several parts, or no range at all. 'none' if there are no such bytes (416).
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'whole' | 'none' {
  const [, first = '', last = ''] = ONE_RANGE.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return 'whole'
  // The last so many bytes, or all if there are fewer.
  if (first === '') {
    if (Number(last) === 0) return 'none'
    // There are last bytes of nothing, but no way to say where they are.
    return size === 0 ? 'whole' : { start: Math.max(0, size - Number(last)), end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= size ? 'none' : { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}
