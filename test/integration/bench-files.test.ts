import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figuresOf, notFinite, runBench } from '../support/run-bench.ts'

const MAIN = 'test/load/files/main.ts'
/** Every part starts processes of its own. */
const PATIENCE_MS = 600_000

const KEYS = ['read', 'list', 'exists', 'skills_list', 'write', 'download', 'waves'].map((name) => `${name}_vs_static`)
const GROWTH = ['list_page', 'tree_page', 'root_page', 'rename', 'glob_in_directory', 'recursive_list']

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-bench-test-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the benchmark of the file system', () => {
  it(
    'makes every call, gets right answers, and ends in one line with every figure',
    async () => {
      const result = await runBench(MAIN, folder, ['--quick'])
      expect(result).toMatchObject({ code: 0, stderr: '' })

      const figures = figuresOf(result)
      for (const key of KEYS) expect(figures[key], key).toSatisfy(Number.isFinite)
      expect(Object.keys(figures['growth'] ?? {})).toEqual(expect.arrayContaining(GROWTH))
      expect(figures).toHaveProperty('cpu_micros.list.whole')
      expect(notFinite(figures)).toEqual([])
      expect(existsSync(join(folder, 'bench-files-quick.svg'))).toBe(true)
    },
    PATIENCE_MS,
  )

  it('names the parts that it knows', async () => {
    const { code, stderr } = await runBench(MAIN, folder, ['--only', 'growth,magic'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/"magic".*calls, download, waves, growth/)
  })
})
