const FORBIDDEN = /locked|busy|unhandled/i

/** pino's level of "error". */
const ERROR_LEVEL = 50

/** Lines that a healthy process does not write; in words. */
export function auditLog(name: string, text: string): string[] {
  return text
    .split('\n')
    .filter((line) => FORBIDDEN.test(line) || levelOf(line) >= ERROR_LEVEL || isStackTrace(line))
    .map((line) => `log of ${name}: ${line.slice(0, 400)}`)
}

function levelOf(line: string): number {
  if (!line.startsWith('{')) return 0
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'level' in value ? Number(value.level) : 0
  } catch {
    return 0
  }
}

/** Node's own report of an error that nobody caught. */
function isStackTrace(line: string): boolean {
  return /^\s+at .+:\d+:\d+\)?$/.test(line)
}
