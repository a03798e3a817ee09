import { BlockList, isIP } from 'node:net'

/** An IP address as a value of a condition. */
export class IpAddress {
  readonly text: string
  readonly #family: 'ipv4' | 'ipv6'

  private constructor(text: string, family: 'ipv4' | 'ipv6') {
    this.text = text
    this.#family = family
  }

  /** null if the text is no address. Addresses with a zone are refused: they mean something on one machine only. */
  static parse(text: string): IpAddress | null {
    if (text.includes('%')) return null
    const version = isIP(text)
    if (version === 0) return null
    // A dual-stack listener reports IPv4 clients in this form; rules are written for the plain one.
    const mapped = version === 6 ? /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] : undefined
    if (mapped !== undefined) return new IpAddress(mapped, 'ipv4')
    return new IpAddress(text, version === 4 ? 'ipv4' : 'ipv6')
  }

  /** However either is written. */
  equals(other: IpAddress): boolean {
    const own = parseCidr(`${this.text}/${this.#family === 'ipv4' ? 32 : 128}`)
    return own !== null && other.within(own)
  }

  within(range: CidrRange): boolean {
    return range.family === this.#family && range.list.check(this.text, this.#family)
  }
}

interface CidrRange {
  readonly family: 'ipv4' | 'ipv6'
  readonly list: BlockList
}

/** Parses `10.0.0.0/8`; null if it is no range. */
export function parseCidr(text: string): CidrRange | null {
  const match = /^([^/%]+)\/(\d{1,3})$/.exec(text)
  const [, network = '', prefixText = ''] = match ?? []
  const version = isIP(network)
  const prefix = Number(prefixText)
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return null
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, prefix, family)
  return { family, list }
}
