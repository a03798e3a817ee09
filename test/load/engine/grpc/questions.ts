import type { CheckRequest } from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import { Decision } from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type { BenchQuestion, Dataset } from '../dataset.ts'
import { seededRandom } from '../../figures.ts'

export const TENANT = 'bench'
const COUNT = 3_000

/** A request with the decision that it must get. */
export interface GrpcQuestion {
  readonly request: CheckRequest
  readonly decision: Decision
}

/** Direct and five folders deep in turn, anywhere in the dataset; every third is denied. */
export function mixedQuestions(dataset: Dataset): readonly GrpcQuestion[] {
  const random = seededRandom(7)
  return Array.from({ length: COUNT }, (_, index) => {
    const allowed = index % 3 !== 0
    const place = (count: number): number => Math.floor(random() * count)
    const question =
      index % 2 === 0
        ? dataset.direct(place(dataset.directCount), allowed)
        : dataset.deep(place(dataset.deepCount), allowed)
    return { request: toRequest(question), decision: allowed ? Decision.DECISION_ALLOWED : Decision.DECISION_DENIED }
  })
}

function toRequest({ object, relation, user }: BenchQuestion): CheckRequest {
  return {
    tenant: TENANT,
    object: { type: 'file', id: object },
    relation,
    subject: { tenant: '', kind: { $case: 'object', value: { type: 'user', id: user } } },
    alsoAs: [],
    resolveInheritance: false,
    context: undefined,
    contextualRelationships: [],
    consistency: undefined,
    schemaVersion: '',
    limits: undefined,
  }
}
