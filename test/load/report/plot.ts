import { bar, COLORS, dot, grid, type LogScale, logScale, page, rounded, text } from '../../support/svg.ts'
import type { Scored } from './goal.ts'
import { brief, reachText } from './table.ts'

const WIDTH = 880
const LEFT = 300
const RIGHT = 190
const TOP = 92
const ROW = 34
const BOTTOM = 50

/** A picture of the figures: a row for each, and how far it is on the good side of its goal, from left to right. */
export function plot(scored: readonly Scored[], title: string, subtitle: string): string {
  const headrooms = scored.map(({ headroom }) => headroom).filter((value) => value > 0)
  const scale = logScale(Math.min(0.9, ...headrooms), Math.max(2, ...headrooms), LEFT, WIDTH - RIGHT)
  const height = TOP + scored.length * ROW + BOTTOM
  const bottom = height - BOTTOM + 6
  const goal = rounded(scale.x(1))
  return page({ width: WIDTH, height, title, subtitle }, [
    ...grid(scale, TOP - 8, bottom, (tick) => (tick === 1 ? 'goal' : `${tick} times`)),
    `<line x1="${goal}" y1="${TOP - 8}" x2="${goal}" y2="${bottom}" stroke="${COLORS.faint}" stroke-dasharray="4 3"/>`,
    ...scored.flatMap((one, index) => row(one, TOP + index * ROW + ROW / 2, goal, scale)),
    text(LEFT, height - 14, 'right of the goal: reached; left of it: missed', { size: 12, color: COLORS.faint }),
  ])
}

function row({ goal, value, headroom }: Scored, y: number, goalX: number, scale: LogScale): string[] {
  const x = rounded(scale.x(headroom))
  const color = headroom >= 1 ? COLORS.good : COLORS.bad
  return [
    text(24, y - 2, goal.key, { size: 13, weight: 500 }),
    text(24, y + 12, goal.measure, { size: 10.5, color: COLORS.faint }),
    bar(Math.min(goalX, x), Math.max(goalX, x), y, COLORS.grid),
    dot(x, y, color, `${brief(value)}, ${headroom.toFixed(2)} of the goal`),
    text(WIDTH - 24, y + 4, `${brief(value)} (${reachText(goal)})`, { size: 12, anchor: 'end' }),
  ]
}
