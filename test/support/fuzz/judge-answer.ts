/** Stands in names and contents of what no caller of the fuzzing may see; no request has it. */
export const SECRET = 'NOT-FOR-YOU-7f3a'

/** What came back, whatever was asked. */
export interface AnyAnswer {
  readonly status: number
  readonly text: string
}

/** Statuses that HTTP may say no by; a 500 is a defect. */
const REFUSALS = new Set([400, 401, 403, 404, 405, 409, 412, 413, 414, 416, 431, 507])
const INTERNAL = -32_603

/** What is wrong with an answer, in words; null if nothing is. */
export function problemOf({ status, text }: AnyAnswer): string | null {
  const shown = `HTTP ${status} ${text.slice(0, 300)}`
  if (text.includes(SECRET)) return `it gives away what the caller may not see: ${shown}`
  if (text.includes(String(INTERNAL))) return `an internal error: ${shown}`
  if (status >= 200 && status < 400) return null
  return REFUSALS.has(status) ? null : `an answer that nobody should get: ${shown}`
}

/** As problemOf, for a call: it is answered with JSON. */
export function problemOfCall(answer: AnyAnswer): string | null {
  const problem = problemOf(answer)
  if (problem !== null) return problem
  try {
    const body = JSON.parse(answer.text) as Record<string, unknown>
    if ('result' in body !== 'error' in body || 'detail' in body) return null
  } catch {
    // The same as what is no envelope.
  }
  return `neither a result nor an error: HTTP ${answer.status} ${answer.text.slice(0, 300)}`
}
