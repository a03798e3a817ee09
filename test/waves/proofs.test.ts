import { describe, expect, it } from 'vitest'
import { countDifference, forbiddenWrites, parseWriteCounts } from './metrics.ts'
import { quantile } from './recorder.ts'
import { auditLog } from './system/log-audit.ts'

describe('write counters', () => {
  const text = (rebac: number, used: number) => `# TYPE nexus_database_writes_total counter
nexus_database_writes_total{database="rebac",command="writeRelationships",service="rebac"} ${rebac}
nexus_database_writes_total{database="gateway",command="noteKeysUsed",service="gateway"} ${used}
nexus_database_group_size_count{database="rebac"} 3`

  it('tell which writes happened in between', () => {
    const difference = countDifference(parseWriteCounts(text(4, 1)), parseWriteCounts(text(6, 2)))
    expect([...difference]).toEqual([
      ['rebac writeRelationships', 2],
      ['gateway noteKeysUsed', 1],
    ])
  })

  it('allow batched writes alone', () => {
    expect(forbiddenWrites(countDifference(parseWriteCounts(text(4, 1)), parseWriteCounts(text(4, 3))))).toEqual([])
    expect(forbiddenWrites(countDifference(parseWriteCounts(text(4, 1)), parseWriteCounts(text(5, 3))))).toHaveLength(1)
  })
})

describe('the look at the logs', () => {
  it('finds errors, words of trouble and stack traces, and nothing else', () => {
    const text = [
      '{"level":30,"msg":"listening"}',
      '{"level":40,"msg":"the permission service is away"}',
      '{"level":50,"msg":"write failed"}',
      '{"level":30,"msg":"SqliteError: database is locked"}',
      '    at openDatabase (file:///a/b.ts:12:3)',
      '',
    ].join('\n')
    expect(auditLog('gateway', text).map((line) => line.slice(0, 40))).toEqual([
      'log of gateway: {"level":50,"msg":"write',
      'log of gateway: {"level":30,"msg":"Sqlit',
      'log of gateway:     at openDatabase (fil',
    ])
  })
})

describe('quantile', () => {
  it('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.99), quantile([], 0.5)]).toEqual([
      50, 99, 7, 0,
    ])
  })
})
