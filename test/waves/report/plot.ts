import {
  bar,
  COLORS as PAGE_COLORS,
  dot,
  grid,
  type LogScale,
  logScale,
  page,
  rounded,
  text,
} from '../../support/svg.ts'
import type { WaveFigures } from '../recorder.ts'

const WIDTH = 880
const LEFT = 210
const RIGHT = 30
const TOP = 92
const ROW = 44
const BOTTOM = 58
const COLORS = { ...PAGE_COLORS, p50: '#2563eb', p99: '#d97706', max: '#dc2626', range: '#cbd5e1' }

/** A picture of the latencies: a row for each wave, the time from left to right on a logarithmic scale. */
export function plot(figures: readonly WaveFigures[], title: string, subtitle: string): string {
  const scale = scaleOf(figures)
  const height = TOP + figures.length * ROW + BOTTOM
  return page({ width: WIDTH, height, title, subtitle }, [
    ...grid(scale, TOP - 8, height - BOTTOM + 6, (ms) => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`)),
    ...figures.flatMap((wave, index) => row(wave, TOP + index * ROW + ROW / 2, scale)),
    ...legend(height - 16),
  ])
}

function scaleOf(figures: readonly WaveFigures[]): LogScale {
  const values = figures.flatMap((wave) => [wave.p50, wave.p99, wave.max]).filter((value) => value > 0)
  return logScale(Math.min(10, ...values), Math.max(1, ...values), LEFT, WIDTH - RIGHT)
}

function row(wave: WaveFigures, y: number, scale: LogScale): string[] {
  const [p50, p99, max] = [scale.x(wave.p50), scale.x(wave.p99), scale.x(wave.max)].map(rounded) as [
    number,
    number,
    number,
  ]
  const failed = wave.failures === 0 ? '' : `, ${wave.failures} failed`
  return [
    text(24, y - 1, `${wave.number}  ${wave.title}`, { size: 14, weight: 500 }),
    text(24, y + 15, `${wave.calls} calls${failed}`, {
      size: 11,
      color: wave.failures === 0 ? COLORS.faint : COLORS.max,
    }),
    bar(p50, max, y, COLORS.range),
    dot(max, y, COLORS.max, `max ${wave.max.toFixed(1)} ms`),
    dot(p99, y, COLORS.p99, `p99 ${wave.p99.toFixed(1)} ms`),
    dot(p50, y, COLORS.p50, `p50 ${wave.p50.toFixed(1)} ms`),
  ]
}

function legend(y: number): string[] {
  const entries = [
    [COLORS.p50, 'median'],
    [COLORS.p99, '99th percentile'],
    [COLORS.max, 'slowest'],
  ] as const
  return entries.flatMap(([color, label], index) => {
    const x = LEFT + index * 150
    return [dot(x, y - 4, color, label), text(x + 12, y, label, { size: 12, color: COLORS.faint })]
  })
}
