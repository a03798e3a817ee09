import { Evaluator, type Question } from '../../../services/rebac/engine/evaluator.ts'
import type { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'

/** A question as it comes out of a request, with the answer that it must get. */
export interface AskedQuestion {
  readonly question: Question
  readonly allowed: boolean
}

/** Microseconds per check: of the clock on the wall, and of the processor as far as this thread has used it. */
export interface CheckTime {
  readonly wall: number
  readonly cpu: number
}

/** An evaluator as the service makes one for each request: nothing is shared with the one before. */
export function newEvaluator(schema: Schema, graph: TenantGraph): Evaluator {
  return new Evaluator(schema, graph, {
    now: Date.now(),
    context: {},
    contextual: [],
    maxDepth: 0,
    nodeBudget: 0,
    deadline: Number.POSITIVE_INFINITY,
  })
}

/** One question of a user, in strings that were never seen before, as if it had arrived over the network. */
export function ask(objectType: string, objectId: string, relation: string, user: string, allowed: boolean) {
  const subjects = [{ tenant: '', type: fresh('user'), id: fresh(user), relation: '' }]
  const question = { objectType: fresh(objectType), objectId: fresh(objectId), relation: fresh(relation), subjects }
  return { question, allowed }
}

/**
 * Asks for at least so long, and until the system's clock of processor time has moved; an evaluator for each question.
 * @param next makes the next question; not a part of the time
 * @param batch how many are made and asked in one go
 * @throws Error on the first wrong answer
 */
export function sampleChecks(
  schema: Schema,
  graph: TenantGraph,
  next: () => AskedQuestion,
  { ms, batch }: { readonly ms: number; readonly batch: number },
): CheckTime {
  let wall = 0
  let cpu = 0
  let asked = 0
  do {
    const questions = Array.from({ length: batch }, next)
    const cpuBefore = process.threadCpuUsage()
    const begun = performance.now()
    for (const { question, allowed } of questions) {
      if (newEvaluator(schema, graph).check(question) !== allowed) throw wrongAnswer(question, allowed)
    }
    wall += performance.now() - begun
    const used = process.threadCpuUsage(cpuBefore)
    cpu += used.user + used.system
    asked += batch
  } while (wall < ms || cpu === 0)
  return { wall: (wall * 1_000) / asked, cpu: cpu / asked }
}

export function wrongAnswer({ objectType, objectId, relation, subjects }: Question, expected: boolean): Error {
  const asked = `${subjects[0]?.type}:${subjects[0]?.id} ${relation} ${objectType}:${objectId}`
  return new Error(`wrong answer: ${asked} must be ${expected}`)
}

/** Flat, without a hash, and not the literal of this file. */
function fresh(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
