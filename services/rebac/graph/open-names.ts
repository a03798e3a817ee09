import { type Kind, Kinds, Symbols } from './kinds.ts'

/**
 * Names for graphs of which only parts are known: whatever is asked for may exist, so every name gets a number at once.
 * They only grow, and serve one graph after another.
 */
export class OpenSymbols extends Symbols {
  override find(name: string): number {
    const known = super.find(name)
    return known >= 0 ? known : this.add(name)
  }
}

/** The same for kinds. */
export class OpenKinds extends Kinds {
  override find(type: string, tenant: string, wildcard: boolean): Kind {
    return super.find(type, tenant, wildcard) ?? this.add(type, tenant, wildcard)
  }
}
