import type { WaveFigures } from '../recorder.ts'

const HEAD = ['wave', '', 'calls', 'failures', 'retries', 'p50 ms', 'p99 ms', 'max ms']

/** The figures of all waves, in columns. */
export function table(figures: readonly WaveFigures[]): string {
  const rows = figures.map((wave) => [
    String(wave.number),
    wave.title,
    String(wave.calls),
    String(wave.failures),
    String(wave.retries),
    wave.p50.toFixed(1),
    wave.p99.toFixed(1),
    wave.max.toFixed(1),
  ])
  const total = (pick: (wave: WaveFigures) => number): number => figures.reduce((sum, wave) => sum + pick(wave), 0)
  rows.push([
    'all',
    '',
    String(total((wave) => wave.calls)),
    String(total((wave) => wave.failures)),
    String(total((wave) => wave.retries)),
    '',
    '',
    Math.max(...figures.map((wave) => wave.max)).toFixed(1),
  ])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
