import { defineConfig } from 'vitest/config'

/** What mutants of the permission engine must not survive: fast, and the same in every run. See docs/testing.md. */
export default defineConfig({
  test: {
    include: ['test/unit/engine/**/*.test.ts'],
    exclude: ['test/unit/engine/long-chains.test.ts', 'test/unit/engine/rules.test.ts'],
    // What is read from the store is other code; the engine over it is the same.
    testNamePattern: /^(?!.*over parts)/,
    env: { NEXUS_PROPERTY_RUNS: '8', NEXUS_PROPERTY_SEED: '20260101' },
    testTimeout: 15_000,
  },
})
