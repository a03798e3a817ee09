import { describe, expect, test, vi } from 'vitest'
import { createAuditor } from '../../../gateway/audit/auditor.ts'
import type { AuditRow } from '../../../gateway/audit/commands.ts'
import type { GatewayDatabase } from '../../../gateway/store/open-store.ts'
import { as } from '../../conformance/gateway-store/harness.ts'

function database(write: (rows: readonly AuditRow[]) => Promise<void>): GatewayDatabase {
  return { write: (_command: string, rows: readonly AuditRow[]) => write(rows) } as unknown as GatewayDatabase
}

describe('the auditor', () => {
  test('writes one batch after a quarter of a second', async () => {
    vi.useFakeTimers()
    try {
      const batches: number[] = []
      const auditor = createAuditor({ db: database(async (rows) => void batches.push(rows.length)) })
      for (let index = 0; index < 5; index++) auditor.denied(as('bob'), 'read', '/x')
      expect(batches).toEqual([])
      await vi.advanceTimersByTimeAsync(250)
      expect(batches).toEqual([5])
      auditor.bypassed(as('root'), 'list', '/')
      await auditor.close()
      expect(batches).toEqual([5, 1])
    } finally {
      vi.useRealTimers()
    }
  })

  test('counts what could not be kept', async () => {
    const lost: number[] = []
    const auditor = createAuditor({
      db: database(() => Promise.reject(new Error('gone'))),
      onLost: (count) => lost.push(count),
    })
    for (let index = 0; index < 10_005; index++) auditor.denied(as('bob'), 'read', '/x')
    expect(auditor.lost).toBe(5)
    await auditor.close()
    expect(auditor.lost).toBe(10_005)
    expect(lost.reduce((sum, count) => sum + count, 0)).toBe(10_005)
  })
})
