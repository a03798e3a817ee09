import { describe, expect, it } from 'vitest'
import { score } from '../../load/engine/goals.ts'
import { plot } from '../../load/report/plot.ts'
import { table } from '../../load/report/table.ts'

const shape = { size: 1_000, micros: 30, micros_at_tenth: 2, growth: 15, size_growth: 10 }
const figures = {
  check_unary_vs_empty: 0.45,
  bytes_per_tuple: 90,
  cpu_micros_per_call: { empty: 1 },
  shapes: { shape },
}

describe('the goals of the benchmark', () => {
  const scored = score(figures)

  it('count from the good side, whichever that is', () => {
    expect(scored.map(({ goal, headroom }) => [goal.key, headroom])).toEqual([
      ['check_unary_vs_empty', 0.5],
      ['bytes_per_tuple', 2],
      ['shapes.shape', 10 / 15],
    ])
  })

  it('are judged in the table, unless the figures mean nothing', () => {
    const verdicts = table(scored, true).split('\n').slice(2)
    expect(verdicts[0]).toMatch(/below: 50% of it$/)
    expect(verdicts[1]).toMatch(/<= 180 +ok$/)
    expect(table(scored, false)).not.toMatch(/\bok\b|below/)
  })

  it('are drawn, each in its row', () => {
    const picture = plot(scored, 'title', 'subtitle')
    expect(picture.match(/<circle/g)).toHaveLength(3)
    expect(picture).toContain('shapes.shape')
    expect(picture).not.toContain('NaN')
  })
})
