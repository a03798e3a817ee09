/** An object of a hierarchical type and everything below it. */
export interface Subtree {
  readonly id: string
  readonly separator: string
}

/** Whether an id is the root of a subtree or lies below it: /a contains /a and /a/b, not /ab. */
export function contains({ id, separator }: Subtree, other: string): boolean {
  return other === id || other.startsWith(id + separator)
}

/** The id that stands in another subtree where the given one, which must lie in the first, stands in it. */
export function transplant(id: string, from: Subtree, to: Subtree): string {
  return to.id + id.slice(from.id.length)
}
