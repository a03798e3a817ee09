import { afterEach, describe, expect, it } from 'vitest'
import { CALLS_PER_ROUND } from './calls.ts'
import { FAKE_SKILLS, FakeSystem, type Fault } from './fake-system.ts'
import { Progress } from './progress.ts'
import { runWaves, type WaveOptions, type WaveReport } from './run-waves.ts'
import { waveTarget } from './target.ts'

/** Of a list method: the two serial runs for two users are over after so many calls. */
const SKILL_CALLS_ALONE = 4 * 18

let system: FakeSystem | undefined

afterEach(async () => {
  await system?.close()
  system = undefined
})

describe('the waves notice', () => {
  it('nothing where nothing is wrong, and make every call', async () => {
    const report = await run(() => undefined)
    expect(report.problems).toEqual([])
    expect(report.figures.reduce((total, wave) => total + wave.calls, 0)).toBe(CALLS_PER_ROUND * 2 * 3)
    expect(report.writer.acknowledged).toBeGreaterThan(0)
    expect(await report.verifyWrites()).toEqual([])
  })

  it('one list that comes back short with HTTP 200', async () => {
    const short = { skills: FAKE_SKILLS.slice(1), count: FAKE_SKILLS.length - 1 }
    const report = await run(({ method, count }) =>
      method === 'skills_list' && count === SKILL_CALLS_ALONE + 7 ? { result: short } : undefined,
    )
    expect(report.problems).toHaveLength(1)
    expect(report.problems[0]).toContain('answer.result.skills has 2 entries instead of 3, without {"name":"docx"}')
    expect(failures(report)).toBe(1)
  })

  it('a list in another order', async () => {
    const report = await run(({ method, count }) =>
      method === 'skills_list' && count === SKILL_CALLS_ALONE + 7
        ? { result: { skills: FAKE_SKILLS.toReversed(), count: FAKE_SKILLS.length } }
        : undefined,
    )
    expect(report.problems[0]).toContain('answer.result.skills[0].name is "xlsx" instead of "docx"')
  })

  it('a 500', async () => {
    const report = await run(({ method, count }) =>
      method === 'list_agents' && count === 6 ? { status: 500 } : undefined,
    )
    expect(report.problems).toHaveLength(1)
    expect(report.problems[0]).toContain('HTTP 500')
  })

  it('a file of the background writer that does not last', async () => {
    const report = await run(({ method, params }) =>
      method === 'read' && String(params['path']).endsWith('/0-0.txt') ? { result: { data: 'bG9zdA==' } } : undefined,
    )
    expect(report.problems.join()).toContain('0-0.txt has other content (read at once)')
  })

  it('a write that was acknowledged and is gone', async () => {
    const report = await run(() => undefined)
    await system?.close()
    system = await FakeSystem.start()
    expect((await report.verifyWrites(system.url)).join()).toContain('cannot be read')
  })

  it('a gateway that does not answer its health probe in time', async () => {
    system = await FakeSystem.start()
    system.healthDelayMs = 1_100
    const report = await runWaves(waveTarget(system.url), { ...options(), rounds: 1 })
    expect(report.problems.join()).toContain('health: answered after')
  })
})

describe('an answer "unavailable, come back later"', () => {
  const unavailableOnce: Fault = ({ method, count }) =>
    method === 'list_workspaces' && count === 5 ? { status: 503, headers: { 'retry-after': '0' } } : undefined

  it('is a failure where nothing was killed', async () => {
    expect((await run(unavailableOnce)).problems.join()).toContain('HTTP 503')
  })

  it('is waited out where something was', async () => {
    const report = await run(unavailableOnce, { allowUnavailable: true })
    expect(report.problems).toEqual([])
    expect(report.figures.map((wave) => wave.retries)).toEqual([0, 1, 0, 0, 0, 0, 0])
  })

  it('is a failure without a time to come back', async () => {
    const fault: Fault = ({ method, count }) =>
      method === 'list_workspaces' && count === 5 ? { status: 503 } : undefined
    expect((await run(fault, { allowUnavailable: true })).problems.join()).toContain('HTTP 503')
  })
})

async function run(fault: Fault, overrides: Partial<WaveOptions> = {}): Promise<WaveReport> {
  system = await FakeSystem.start(fault)
  return runWaves(waveTarget(system.url), { ...options(), ...overrides })
}

function options(): WaveOptions {
  return {
    scale: 3,
    rounds: 1,
    connections: 64,
    allowUnavailable: false,
    demoContent: false,
    metricsUrls: [],
    progress: new Progress({ isTTY: false, write: () => true }),
  }
}

function failures(report: WaveReport): number {
  return report.figures.reduce((total, wave) => total + wave.failures, 0)
}
