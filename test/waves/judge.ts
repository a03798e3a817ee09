import type { WaveCall } from './calls.ts'
import type { Answer } from './client.ts'
import { firstDifference } from './compare.ts'

/** Below this the background writer keeps its files; lists of the administrator would show them. */
export const SCRATCH = '/scratch'

const INVALID_PARAMETERS = -32_602

/** What is wrong with an answer by itself: null, or a sentence. */
export function judgeShape(call: WaveCall, answer: Answer): string | null {
  if (answer.status !== 200) return `HTTP ${answer.status}: ${answer.text.slice(0, 200)}`
  const body = parse(answer.text)
  if (body === undefined) return `not JSON: ${answer.text.slice(0, 200)}`
  if (call.expects === 'provider-error') {
    const isProviderError = body.error?.code === INVALID_PARAMETERS && /provider/i.test(body.error.message ?? '')
    return isProviderError ? null : `not the error about a missing provider: ${answer.text.slice(0, 200)}`
  }
  if (body.error !== undefined) return `error ${body.error.code}: ${body.error.message}`
  return 'result' in body ? null : 'neither result nor error'
}

/** The same, and compared with the answer that the same call got when it was made alone. */
export function judge(call: WaveCall, answer: Answer, reference: string): string | null {
  if (answer.status === 200 && answer.text === reference) return null
  const shape = judgeShape(call, answer)
  return shape ?? firstDifference(comparable(reference), comparable(answer.text))
}

interface Body {
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string }
}

function parse(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** An answer without the background writer's files. */
function comparable(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) =>
    key === 'files' && Array.isArray(value) ? value.filter((entry) => !isScratch(entry)) : value,
  )
}

function isScratch(entry: unknown): boolean {
  return typeof entry === 'string' && (entry === SCRATCH || entry.startsWith(`${SCRATCH}/`))
}
