/** Numbers from here on belong to a layer over a graph, not to the graph. */
export const LAYER_BASE = 1 << 20

/** Names as small integers. 0 is the empty name. */
export class Symbols {
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = []
  readonly #below: Symbols | null
  readonly #first: number

  /** A layer knows the names of what it lies over, and keeps its own to itself. */
  constructor(below: Symbols | null = null) {
    this.#below = below
    this.#first = below === null ? 0 : LAYER_BASE
    if (below === null) this.intern('')
  }

  /** The number of a name, which it gets now if it has none. */
  intern(name: string): number {
    const known = this.find(name)
    return known >= 0 ? known : this.add(name)
  }

  /** Gives a new name its number. */
  protected add(name: string): number {
    const number = this.#first + this.#names.length
    this.#numbers.set(name, number)
    this.#names.push(name)
    return number
  }

  /** -1 if the name was never interned. */
  find(name: string): number {
    return this.#numbers.get(name) ?? this.#below?.find(name) ?? -1
  }

  name(number: number): string {
    return number >= this.#first ? this.#names[number - this.#first]! : this.#below!.name(number)
  }

  /** How many names there are beyond those below. */
  get count(): number {
    return this.#names.length
  }
}

/** What nodes of one kind have in common: objects of a type, of a tenant, or the wildcard of that type. */
export interface Kind {
  readonly number: number
  readonly type: string
  /** Empty: the graph's own. */
  readonly tenant: string
  readonly wildcard: boolean
}

/** The kinds of a graph, by number. 0 is none. */
export class Kinds {
  readonly #byTenant = new Map<string, Map<string, Kind>>()
  readonly #wildcards = new Map<string, Kind>()
  readonly #all: Kind[] = []
  readonly #below: Kinds | null
  readonly #first: number

  constructor(below: Kinds | null = null) {
    this.#below = below
    this.#first = below === null ? 1 : LAYER_BASE
  }

  /** The kind of an object or wildcard, which is made if it is new. */
  intern(type: string, tenant: string, wildcard: boolean): Kind {
    return this.find(type, tenant, wildcard) ?? this.add(type, tenant, wildcard)
  }

  /** Makes a new kind. */
  protected add(type: string, tenant: string, wildcard: boolean): Kind {
    const kind: Kind = { number: this.#first + this.#all.length, type, tenant, wildcard }
    this.#all.push(kind)
    if (wildcard) {
      this.#wildcards.set(type, kind)
      return kind
    }
    let types = this.#byTenant.get(tenant)
    if (types === undefined) this.#byTenant.set(tenant, (types = new Map()))
    types.set(type, kind)
    return kind
  }

  find(type: string, tenant: string, wildcard: boolean): Kind | null {
    const own = wildcard ? this.#wildcards.get(type) : this.#byTenant.get(tenant)?.get(type)
    return own ?? this.#below?.find(type, tenant, wildcard) ?? null
  }

  get(number: number): Kind {
    return number >= this.#first ? this.#all[number - this.#first]! : this.#below!.get(number)
  }

  get count(): number {
    return this.#all.length
  }
}
