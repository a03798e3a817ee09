const FONT = 'font-family="system-ui, -apple-system, Segoe UI, sans-serif"'

/** What plots of this project have in common. */
export const COLORS = { ink: '#0f172a', faint: '#64748b', grid: '#e2e8f0', good: '#2563eb', bad: '#dc2626' } as const

export interface PageOptions {
  readonly width: number
  readonly height: number
  readonly title: string
  readonly subtitle: string
}

/** A whole picture, on white, with its headings. */
export function page({ width, height, title, subtitle }: PageOptions, content: readonly string[]): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>`,
    text(24, 36, title, { size: 19, weight: 600 }),
    text(24, 58, subtitle, { size: 13, color: COLORS.faint }),
    ...content,
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

/** A logarithmic axis. */
export interface LogScale {
  /** Whole decades. */
  readonly ticks: readonly number[]
  x(value: number): number
}

/** Whole decades that hold everything from the lowest to the highest value; what lies below them stands at their edge. */
export function logScale(lowest: number, highest: number, left: number, right: number): LogScale {
  const low = Math.floor(Math.log10(lowest))
  const high = Math.max(low + 1, Math.ceil(Math.log10(highest)))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    x: (value) => left + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (right - left),
  }
}

/** A line for each decade, with its name above. */
export function grid(scale: LogScale, top: number, bottom: number, nameOf: (tick: number) => string): string[] {
  return scale.ticks.flatMap((tick) => {
    const x = rounded(scale.x(tick))
    return [
      `<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" stroke="${COLORS.grid}"/>`,
      text(x, top - 6, nameOf(tick), { size: 11, color: COLORS.faint, anchor: 'middle' }),
    ]
  })
}

/** A thick line from left to right. */
export function bar(from: number, to: number, y: number, color: string): string {
  return `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="${color}" stroke-width="6" stroke-linecap="round"/>`
}

/** @param title shown where somebody points at it */
export function dot(x: number, y: number, color: string, title: string): string {
  return `<circle cx="${x}" cy="${y}" r="6" fill="${color}" stroke="#ffffff" stroke-width="1.5"><title>${escape(title)}</title></circle>`
}

export interface TextStyle {
  readonly size: number
  readonly weight?: number
  readonly color?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

export function text(x: number, y: number, content: string, style: TextStyle): string {
  const { size, weight = 400, color = COLORS.ink, anchor = 'start' } = style
  return `<text x="${x}" y="${y}" ${FONT} font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${escape(content)}</text>`
}

/** To a tenth: enough for a place in a picture. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
