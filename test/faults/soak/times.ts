/** Of the permission service under test, in milliseconds. */
export const HOUSEKEEPING = { logRetentionMs: 60_000, keyRetentionMs: 60_000, intervalMs: 10_000 } as const

/** Of the gateway under test: in milliseconds; and a cache that is full before the second half. */
export const CONTENTS = { leaseMs: 30_000, orphansEveryMs: 10_000, hotBytes: 4_194_304 } as const

/** Of each file. */
export const KEPT_VERSIONS = 3
