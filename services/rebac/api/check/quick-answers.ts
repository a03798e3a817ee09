import type { RebacServiceService } from '../../../common/gen/nexus/rebac/v1/service.ts'
import { encodeCheckResponse, encodeCheckStreamResponse } from './encode-answers.ts'

/** The service with encoders of its own for the answers to checks. */
export function quickAnswers(service: typeof RebacServiceService): typeof RebacServiceService {
  return {
    ...service,
    check: { ...service.check, responseSerialize: encodeCheckResponse },
    checkStream: { ...service.checkStream, responseSerialize: encodeCheckStreamResponse },
  }
}
