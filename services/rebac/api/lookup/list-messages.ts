import type { QuestionScope } from '../check/question.ts'
import { LIST_MESSAGE } from '../limits.ts'
import type { TokenCodec } from '../tokens.ts'

/** Where a list goes on. */
export interface Resumption {
  readonly tenant: string
  readonly hash: string
  /** '' from the start. */
  readonly position: string
  /** The scope, at least as fresh as what was listed before. */
  applyTo(scope: QuestionScope): QuestionScope
}

/** @throws NexusError INVALID_CURSOR, TOKEN_EPOCH */
export function resumeAt(text: string, tenant: string, hash: string, tokens: TokenCodec): Resumption {
  if (text === '') return { tenant, hash, position: '', applyTo: (scope) => scope }
  const { position, revision } = tokens.readCursor(text, tenant, hash)
  const applyTo = (scope: QuestionScope): QuestionScope => {
    const { kind } = scope.freshness
    if (kind === 'fullyConsistent' || kind === 'exactly') return scope
    const known = kind === 'atLeast' ? scope.freshness.revision : 0
    return { ...scope, freshness: { kind: 'atLeast', revision: Math.max(known, revision) } }
  }
  return { tenant, hash, position, applyTo }
}

/**
 * What was listed, in messages; at least one. Where more than `limit` were found the rest is for the cursor of the
 * last message; 0 is no limit.
 */
export function* messagesOf<T>(
  listed: readonly T[],
  limit: number,
  positionOf: (element: T) => string,
  at: { readonly tenant: string; readonly hash: string; readonly revision: number },
  tokens: TokenCodec,
): Generator<{ readonly page: readonly T[]; readonly cursor: string }> {
  const end = limit === 0 ? listed.length : Math.min(limit, listed.length)
  for (let from = 0; from === 0 || from < end; from += LIST_MESSAGE) {
    const page = listed.slice(from, Math.min(from + LIST_MESSAGE, end))
    const last = page.at(-1)
    const isEnd = last === undefined || from + page.length === listed.length
    const { tenant, hash, revision } = at
    yield { page, cursor: isEnd ? '' : tokens.cursor(tenant, { revision, position: positionOf(last) }, hash) }
  }
}
