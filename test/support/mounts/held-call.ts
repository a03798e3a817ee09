import { LocalConnector } from '../../../gateway/mounts/connectors/local/local-connector.ts'
import { S3Connector } from '../../../gateway/mounts/connectors/s3/s3-connector.ts'

type Operation = 'list' | 'remove' | 'rename' | 'write'
type Call = (...args: unknown[]) => Promise<unknown>

/** Where a call of a back end is held. */
export interface Stop {
  /** Resolves when the call has come there. */
  readonly reached: Promise<void>
  letGo(): void
}

/** Holds the next call of an operation of any back end in this process: before the back end does it, and after it has. */
export function holdNext(operation: Operation): { readonly before: Stop; readonly after: Stop } {
  const [before, after] = [stop(), stop()]
  const prototypes = [LocalConnector.prototype, S3Connector.prototype].map((one) => {
    const prototype = one as unknown as Record<Operation, Call>
    return { prototype, real: prototype[operation] }
  })
  for (const { prototype, real } of prototypes) {
    prototype[operation] = async function (this: unknown, ...args) {
      for (const each of prototypes) each.prototype[operation] = each.real
      await before.pass()
      const result = await real.apply(this, args)
      await after.pass()
      return result
    }
  }
  return { before, after }
}

/** Lets a call go on to its end. */
export function letPass({ before, after }: ReturnType<typeof holdNext>): void {
  before.letGo()
  after.letGo()
}

function stop(): Stop & { pass(): Promise<void> } {
  const reached = Promise.withResolvers<undefined>()
  const released = Promise.withResolvers<undefined>()
  return {
    reached: reached.promise,
    letGo: () => released.resolve(undefined),
    async pass() {
      reached.resolve(undefined)
      await released.promise
    },
  }
}
