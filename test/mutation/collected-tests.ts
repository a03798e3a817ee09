import { format } from 'node:util'

/** What files that import `vitest` get from here instead: see `thread-runner.ts`. */
export { expect, vi } from 'vitest'

type Action = () => unknown

/** A test, with what is to be done before and after it. */
export interface CollectedTest {
  /** The name of its file and of everything that it stands in, and its own. */
  readonly name: string
  readonly file: string
  readonly run: () => Promise<void>
}

interface Suite {
  readonly name: string
  readonly parent: Suite | null
  readonly before: Action[]
  readonly after: Action[]
}

let tests: CollectedTest[] = []
let file = ''
let suite: Suite = newSuite('', null)

/** The tests that importing a file declares. */
export async function collectTests(name: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  tests = []
  file = name
  suite = newSuite(name, null)
  await load()
  return tests
}

function newSuite(name: string, parent: Suite | null): Suite {
  return { name, parent, before: [], after: [] }
}

export const beforeEach = (action: Action): number => suite.before.push(action)
export const afterEach = (action: Action): number => suite.after.push(action)

function declareSuite(name: string, declare: Action): void {
  suite = newSuite(`${suite.name} > ${name}`, suite)
  declare()
  suite = suite.parent ?? suite
}

function declareTest(name: string, action: Action): void {
  const within = suite
  const run = async (): Promise<void> => {
    const suites = [within]
    for (let { parent } = within; parent !== null; { parent } = parent) suites.unshift(parent)
    for (const before of suites.flatMap((one) => one.before)) await before()
    try {
      await action()
    } finally {
      for (const after of suites.toReversed().flatMap((one) => one.after)) await after()
    }
  }
  tests.push({ name: `${within.name} > ${name}`, file, run })
}

type Declare = (name: string, action: Action) => void
type DeclareEach = (rows: readonly unknown[]) => (name: string, action: (...row: unknown[]) => unknown) => void

function withEach(declare: Declare): Declare & { each: DeclareEach } {
  const each: DeclareEach = (rows) => (name, action) => {
    for (const row of rows) {
      const values: readonly unknown[] = Array.isArray(row) ? row : [row]
      declare(titleOf(name, values), () => action(...values))
    }
  }
  return Object.assign(declare.bind(null), { each })
}

/** `$name` is that property of the first value; `%s` and the like are the values, one after another. */
function titleOf(name: string, values: readonly unknown[]): string {
  const filled = name.replace(/\$(\w+)/g, (_, key: string) => String(Object(values[0])[key]))
  return format(filled, ...values.slice(0, filled.split('%').length - 1))
}

export const describe = withEach(declareSuite)
export const it = withEach(declareTest)
