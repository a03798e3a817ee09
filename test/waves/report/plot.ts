import type { WaveFigures } from '../recorder.ts'

const WIDTH = 880
const LEFT = 210
const RIGHT = 30
const TOP = 92
const ROW = 44
const BOTTOM = 58
const COLORS = {
  p50: '#2563eb',
  p99: '#d97706',
  max: '#dc2626',
  range: '#cbd5e1',
  ink: '#0f172a',
  faint: '#64748b',
  grid: '#e2e8f0',
}
const FONT = 'font-family="system-ui, -apple-system, Segoe UI, sans-serif"'

/** A picture of the latencies: a row for each wave, the time from left to right on a logarithmic scale. */
export function plot(figures: readonly WaveFigures[], title: string, subtitle: string): string {
  const scale = logScale(figures)
  const height = TOP + figures.length * ROW + BOTTOM
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<rect width="${WIDTH}" height="${height}" rx="10" fill="#ffffff"/>`,
    text(24, 36, title, { size: 19, weight: 600 }),
    text(24, 58, subtitle, { size: 13, color: COLORS.faint }),
    ...grid(scale, height),
    ...figures.flatMap((wave, index) => row(wave, TOP + index * ROW + ROW / 2, scale)),
    ...legend(height - 16),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Scale {
  readonly ticks: readonly number[]
  x(ms: number): number
}

/** Whole decades that hold every figure. */
function logScale(figures: readonly WaveFigures[]): Scale {
  const values = figures.flatMap((wave) => [wave.p50, wave.p99, wave.max]).filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(10, ...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...values))))
  const width = WIDTH - LEFT - RIGHT
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    x: (ms) => LEFT + ((Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low)) * width,
  }
}

function grid(scale: Scale, height: number): string[] {
  const bottom = height - BOTTOM + 6
  return scale.ticks.flatMap((tick) => {
    const x = round(scale.x(tick))
    return [
      `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${bottom}" stroke="${COLORS.grid}"/>`,
      text(x, TOP - 14, tick >= 1_000 ? `${tick / 1_000} s` : `${tick} ms`, {
        size: 11,
        color: COLORS.faint,
        anchor: 'middle',
      }),
    ]
  })
}

function row(wave: WaveFigures, y: number, scale: Scale): string[] {
  const [p50, p99, max] = [scale.x(wave.p50), scale.x(wave.p99), scale.x(wave.max)].map(round) as [
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
    `<line x1="${p50}" y1="${y}" x2="${max}" y2="${y}" stroke="${COLORS.range}" stroke-width="6" stroke-linecap="round"/>`,
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

function dot(x: number, y: number, color: string, title: string): string {
  return `<circle cx="${x}" cy="${y}" r="6" fill="${color}" stroke="#ffffff" stroke-width="1.5"><title>${escape(title)}</title></circle>`
}

interface TextStyle {
  readonly size: number
  readonly weight?: number
  readonly color?: string
  readonly anchor?: 'start' | 'middle'
}

function text(x: number, y: number, content: string, style: TextStyle): string {
  const { size, weight = 400, color = COLORS.ink, anchor = 'start' } = style
  return `<text x="${x}" y="${y}" ${FONT} font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
