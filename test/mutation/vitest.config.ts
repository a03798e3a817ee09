import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What finds most in the least time comes first, and the first failure ends a run; what is not named comes in between. */
const FIRST = ['direct-relation', 'memo-values', 'cases', 'explain', 'memo']
const LAST = ['limits', 'properties', 'steps']

class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const name = basename(moduleId, '.test.ts')
  if (FIRST.includes(name)) return FIRST.indexOf(name) - FIRST.length
  return LAST.indexOf(name) + 1
}

/** What mutants of the permission engine must not survive: fast, and the same in every run. See docs/testing.md. */
export default defineConfig({
  test: {
    include: ['test/unit/engine/**/*.test.ts'],
    exclude: ['test/unit/engine/long-chains.test.ts', 'test/unit/engine/rules.test.ts'],
    // What is read from the store is other code; the engine over it is the same.
    testNamePattern: /^(?!.*over parts)/,
    // These files share nothing that they change, so one worker serves them all.
    isolate: false,
    sequence: { sequencer: QuickestFirst },
    env: { NEXUS_PROPERTY_RUNS: '8', NEXUS_PROPERTY_SEED: '20260101' },
    testTimeout: 15_000,
  },
})
