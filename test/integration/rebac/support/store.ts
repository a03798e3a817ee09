import type { RelationshipStore } from '../../../../services/rebac/store/contract.ts'

/** A store with some methods replaced. */
export function withMethods(store: RelationshipStore, methods: Partial<RelationshipStore>): RelationshipStore {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
