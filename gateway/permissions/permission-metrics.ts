import { Counter, type Registry } from 'prom-client'

/** What the permissions client counts. */
export interface PermissionMetrics {
  asked(questions: number): void
  sent(questions: number): void
  resent(questions: number): void
}

/** Registers the client's metrics; without a registry nothing is counted. */
export function createPermissionMetrics(registry: Registry | undefined): PermissionMetrics {
  if (registry === undefined) return { asked: () => {}, sent: () => {}, resent: () => {} }
  const questions = new Counter({
    name: 'nexus_permission_questions_total',
    help: 'Permission questions: asked by requests, sent after equal ones were joined, sent again after a broken stream.',
    labelNames: ['stage'],
    registers: [registry],
  })
  return {
    asked: (count) => questions.inc({ stage: 'asked' }, count),
    sent: (count) => questions.inc({ stage: 'sent' }, count),
    resent: (count) => questions.inc({ stage: 'resent' }, count),
  }
}
