import type { Goal, Scored } from './goal.ts'

const HEAD = ['key', 'measure', 'measured', 'reach', '']

/**
 * The figures beside their goals, in columns.
 * @param judge whether to say which are reached
 */
export function table(scored: readonly Scored[], judge: boolean): string {
  const rows = scored.map(({ goal, value, headroom }) => [
    goal.key,
    goal.measure,
    brief(value),
    reachText(goal),
    judge ? verdict(headroom) : '',
  ])
  const all = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const isNumber = (column: number): boolean => column === 2 || column === 3
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function verdict(headroom: number): string {
  return headroom >= 1 ? 'ok' : `below: ${Math.round(headroom * 100)}% of it`
}

export function reachText({ atLeast, atMost }: Goal): string {
  return atLeast === undefined ? `<= ${brief(atMost ?? Number.NaN)}` : `>= ${brief(atLeast)}`
}

/** Three digits of small numbers, thousands of large ones. */
export function brief(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
