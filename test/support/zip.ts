import { crc32, deflateRawSync } from 'node:zlib'

/** What is unusual about an entry. */
export interface ZipQuirks {
  /** The upper half of the external attributes: type and mode of a Unix file. */
  readonly mode?: number
  /** @default the name in UTF-8, flagged as such */
  readonly flags?: number
  /** @default 8 */
  readonly method?: number
  /** What the entry says of its size. */
  readonly size?: number
  readonly crc?: number
}

export type ZipEntry = readonly [name: string, content: string | Uint8Array, quirks?: ZipQuirks]

const UTF8_NAME = 0x800
const MADE_BY_UNIX = 0x0314

/** A zip file as anybody may have made it, byte by byte. `claimed`: how many entries its end says that it has. */
export function makeZip(entries: readonly ZipEntry[], claimed = entries.length): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text, quirks = {}] of entries) {
    const content = Buffer.from(text)
    const { flags = UTF8_NAME, method = 8, size = content.length, crc = crc32(content), mode = 0 } = quirks
    const packed = method === 8 ? deflateRawSync(content) : content
    const rawName = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(0x21_0000, 6)
    common.writeUInt32LE(crc, 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size, 18)
    common.writeUInt16LE(rawName.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, rawName, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((mode << 16) >>> 0) + 0, 6)
    tail.writeUInt32LE(offset, 10)
    const madeBy = Buffer.alloc(2)
    madeBy.writeUInt16LE(MADE_BY_UNIX)
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002', 'latin1'), madeBy, common, tail, rawName]))
    parts.push(local)
    offset += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(claimed & 0xffff, 4)
  end.writeUInt16LE(claimed & 0xffff, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, listed, Buffer.from('PK\u0005\u0006', 'latin1'), end])
}
