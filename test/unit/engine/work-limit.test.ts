import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WorkLimit } from '../../../services/rebac/engine/work-limit.ts'

function spend(limit: WorkLimit, times: number): void {
  for (let spent = 0; spent < times; spent++) limit.spend()
}

describe('2.11 the work that a question may cost', () => {
  let now = 1_000
  const clock = vi.fn<() => number>(() => now)
  beforeEach(() => {
    now = 1_000
    vi.spyOn(Date, 'now').mockImplementation(clock.mockClear())
  })
  afterEach(() => vi.restoreAllMocks())

  it('is the whole budget, for each question again', () => {
    const limit = new WorkLimit({ nodeBudget: 5, deadline: Infinity })
    spend(limit, 5)
    expect(() => limit.spend()).toThrow('The evaluation looked at more than 5 nodes, its budget.')
    limit.restart()
    spend(limit, 5)
    expect(() => limit.spend()).toThrow(expect.objectContaining({ reason: 'NODE_BUDGET_EXCEEDED' }))
  })

  it('has no bound where none is set', () => {
    spend(new WorkLimit({ nodeBudget: 0, deadline: Infinity }), 100_000)
    expect(clock).not.toHaveBeenCalled()
  })

  it('ends at the deadline, which the first step looks for', () => {
    expect(() => spend(new WorkLimit({ nodeBudget: 0, deadline: 1_001 }), 1)).not.toThrow()
    expect(() => new WorkLimit({ nodeBudget: 0, deadline: 1_000 }).spend()).toThrow(
      'The evaluation did not end before its deadline.',
    )
  })

  it('looks at the clock now and then', () => {
    const limit = new WorkLimit({ nodeBudget: 0, deadline: 2_000 })
    spend(limit, 10 * 1_025)
    expect(clock).toHaveBeenCalledTimes(10)
    now = 2_000
    spend(limit, 0)
    expect(() => spend(limit, 1)).toThrow(expect.objectContaining({ reason: 'DEADLINE_EXCEEDED' }))
  })
})
