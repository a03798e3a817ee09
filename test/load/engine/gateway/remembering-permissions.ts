import type {
  PermissionQuestion,
  Permissions,
  PermissionScope,
  Verdict,
} from '../../../../gateway/permissions/contract.ts'
import type { PermissionService } from '../../../../gateway/permissions/rebac-permissions.ts'

/**
 * Permissions that can be told to answer checks from memory: then a request costs what it costs without permission work.
 * For a benchmark that makes the same few requests again and again; the memory goes by the ends of a list of questions.
 */
export class RememberingPermissions implements PermissionService {
  /** Whether checks are answered from memory. */
  fromMemory = false
  /** Questions since the start. */
  asked = 0
  readonly #inner: PermissionService
  readonly #answers = new Map<string, readonly boolean[]>()

  constructor(inner: PermissionService) {
    this.#inner = inner
  }

  get insight(): PermissionService['insight'] {
    return this.#inner.insight
  }

  async check(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly boolean[]> {
    this.asked += questions.length
    const key = keyOf(questions)
    const remembered = this.#answers.get(key)
    if (this.fromMemory) {
      if (remembered === undefined) throw new Error(`nothing is remembered of ${key}`)
      return remembered
    }
    const answers = await this.#inner.check(questions, scope)
    if (remembered === undefined) this.#answers.set(key, answers)
    return answers
  }

  listObjects(...question: Parameters<Permissions['listObjects']>): ReturnType<Permissions['listObjects']> {
    return this.#inner.listObjects(...question)
  }

  /** Asked for what is listed, which no part of the benchmark answers from memory. */
  verdicts(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly Verdict[]> {
    return this.#inner.verdicts(questions, scope)
  }

  write(request: Parameters<Permissions['write']>[0]): ReturnType<Permissions['write']> {
    return this.#inner.write(request)
  }

  deleteMatching(request: Parameters<Permissions['deleteMatching']>[0]): ReturnType<Permissions['deleteMatching']> {
    return this.#inner.deleteMatching(request)
  }

  move(request: Parameters<Permissions['move']>[0]): ReturnType<Permissions['move']> {
    return this.#inner.move(request)
  }

  read(request: Parameters<Permissions['read']>[0]): ReturnType<Permissions['read']> {
    return this.#inner.read(request)
  }

  head(tenant: string, deadline: number): ReturnType<Permissions['head']> {
    return this.#inner.head(tenant, deadline)
  }

  healthy(deadline: number): Promise<boolean> {
    return this.#inner.healthy(deadline)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function keyOf(questions: readonly PermissionQuestion[]): string {
  const [first, last] = [questions[0], questions.at(-1)]
  return `${questions.length} ${first?.subject.id} ${first?.relation} ${first?.objectId} ${last?.objectId}`
}
