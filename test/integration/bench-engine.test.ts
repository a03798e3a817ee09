import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figuresOf, notFinite, runBench } from '../support/run-bench.ts'

const MAIN = 'test/load/engine/main.ts'
/** Every part starts processes of its own. */
const PATIENCE_MS = 600_000

const KEYS = [
  'check_unary_vs_empty',
  'check_stream_vs_empty',
  'check_batch_vs_empty',
  'engine_direct_hot_per_s',
  'engine_direct_random_per_s',
  'engine_deep_per_s',
  'engine_growth_deep',
  'engine_growth_hot',
  'bytes_per_tuple',
  'load_vs_scan',
  'list_vs_checks',
]
const SHAPES = ['groups_of_a_user', 'members', 'nested_groups', 'folder_levels', 'parents_none_grants', 'but_not']

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-bench-test-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the benchmark of the engine', () => {
  it(
    'asks everything, gets right answers, and ends in one line with every figure',
    async () => {
      const result = await runBench(MAIN, folder, ['--quick'])
      expect(result).toMatchObject({ code: 0, stderr: '' })

      const figures = figuresOf(result)
      for (const key of KEYS) expect(figures[key], key).toSatisfy(Number.isFinite)
      expect(Object.keys(figures['shapes'] ?? {})).toEqual(SHAPES)
      expect(figures).toHaveProperty('cpu_micros_per_call.unary.server')
      expect(figures).toHaveProperty('gateway_permission_share.list.share')
      expect(notFinite(figures)).toEqual([])
      expect(existsSync(join(folder, 'bench-engine-quick.svg'))).toBe(true)
    },
    PATIENCE_MS,
  )

  it('names the parts that it knows', async () => {
    const { code, stderr } = await runBench(MAIN, folder, ['--only', 'checks,magic'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/"magic".*checks, memory/)
  })
})
