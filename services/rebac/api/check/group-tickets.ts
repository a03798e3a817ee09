import type { QuestionScope } from './question.ts'
import type { Ticket } from './ticket.ts'

/** An item with more questions than this is evaluated by itself, so that small ones do not wait for it. */
const LARGE_ITEM = 256

/** Items that can share one evaluation, in the order of their arrival. */
export function groupTickets(tickets: readonly Ticket[]): Ticket[][] {
  const shared = new Map<string, Ticket[]>()
  const alone: Ticket[][] = []
  for (const ticket of tickets) {
    if (ticket.scope.contextual.length > 0 || ticket.questions.length > LARGE_ITEM) {
      alone.push([ticket])
      continue
    }
    const key = scopeKey(ticket.scope)
    const group = shared.get(key)
    if (group === undefined) shared.set(key, [ticket])
    else group.push(ticket)
  }
  return [...shared.values(), ...alone]
}

function scopeKey({ tenant, freshness, schemaVersion, context, maxDepth, nodeBudget }: QuestionScope): string {
  const revision = 'revision' in freshness ? freshness.revision : ''
  return `${tenant} ${freshness.kind} ${revision} ${maxDepth} ${nodeBudget} ${schemaVersion} ${JSON.stringify(context)}`
}
