import type { QuestionScope } from './question.ts'
import type { Ticket } from './ticket.ts'

/** An item with more questions than this is evaluated by itself, so that small ones do not wait for it. */
const LARGE_ITEM = 256

/** Items that can share one evaluation, in the order of their arrival. */
export function groupTickets(tickets: readonly Ticket[]): Ticket[][] {
  const shared = new Map<string, Ticket[]>()
  const alone: Ticket[][] = []
  let latest: Ticket[] | null = null
  for (const ticket of tickets) {
    if (ticket.scope.contextual.length > 0 || ticket.questions.length > LARGE_ITEM) {
      alone.push([ticket])
      continue
    }
    // Most have the scope of the one before, which is seen without the text of both.
    if (latest !== null && isSameScope(latest[0]!.scope, ticket.scope)) {
      latest.push(ticket)
      continue
    }
    const key = scopeKey(ticket.scope)
    latest = shared.get(key) ?? null
    if (latest === null) shared.set(key, (latest = [ticket]))
    else latest.push(ticket)
  }
  return [...shared.values(), ...alone]
}

/** Whether two scopes are the same at a glance; false says nothing. */
function isSameScope(a: QuestionScope, b: QuestionScope): boolean {
  return (
    a.tenant === b.tenant &&
    a.context === b.context &&
    a.freshness === b.freshness &&
    a.maxDepth === b.maxDepth &&
    a.nodeBudget === b.nodeBudget &&
    a.schemaVersion === b.schemaVersion
  )
}

function scopeKey({ tenant, freshness, schemaVersion, context, maxDepth, nodeBudget }: QuestionScope): string {
  const revision = 'revision' in freshness ? freshness.revision : ''
  return `${tenant} ${freshness.kind} ${revision} ${maxDepth} ${nodeBudget} ${schemaVersion} ${JSON.stringify(context)}`
}
