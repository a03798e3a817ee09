import { COLORS, page, rounded, text } from '../../support/svg.ts'
import { type Sample, SERIES, type SeriesName } from './sampler.ts'

const WIDTH = 880
const LEFT = 270
const RIGHT = 110
const TOP = 84
const ROW = 62
const HEIGHT = 44
const BOTTOM = 40

/** A row for each series, from nothing to the most that was seen, over the time from left to right. */
export function plot(samples: readonly Sample[], title: string, subtitle: string): string {
  const names = Object.keys(SERIES) as SeriesName[]
  const end = samples.at(-1)?.seconds ?? 1
  const height = TOP + names.length * ROW + BOTTOM
  const x = (seconds: number): number => rounded(LEFT + (seconds / end) * (WIDTH - LEFT - RIGHT))
  return page({ width: WIDTH, height, title, subtitle }, [
    ...names.flatMap((name, index) => row(samples, name, TOP + index * ROW, x)),
    text(LEFT, height - 14, '0', { size: 11, color: COLORS.faint }),
    text(x(end), height - 14, `${(end / 60).toFixed(1)} min`, { size: 11, color: COLORS.faint, anchor: 'end' }),
  ])
}

function row(samples: readonly Sample[], name: SeriesName, top: number, x: (seconds: number) => number): string[] {
  const values = samples.map((sample) => sample.values[name])
  const most = Math.max(1, ...values)
  const bottom = top + HEIGHT
  const points = samples.map(({ seconds }, index) => {
    const y = rounded(bottom - ((values[index] ?? 0) / most) * HEIGHT)
    return `${x(seconds)},${y}`
  })
  const end = x(samples.at(-1)?.seconds ?? 0)
  return [
    text(24, top + HEIGHT / 2 + 4, name, { size: 13, weight: 500 }),
    `<line x1="${LEFT}" y1="${bottom}" x2="${end}" y2="${bottom}" stroke="${COLORS.grid}"/>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="${COLORS.good}" stroke-width="1.5"/>`,
    text(WIDTH - 24, top + HEIGHT / 2 + 4, amount(name, values.at(-1) ?? 0), { size: 12, anchor: 'end' }),
  ]
}

/** With its unit. */
export function amount(name: SeriesName, value: number): string {
  if (SERIES[name] === 'rows') return `${Math.round(value).toLocaleString('en')} rows`
  return `${(value / 1_048_576).toFixed(1)} MiB`
}
