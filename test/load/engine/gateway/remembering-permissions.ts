import type {
  ListObjectsQuestion,
  ObjectList,
  PermissionQuestion,
  Permissions,
  PermissionScope,
  Verdict,
} from '../../../../gateway/permissions/contract.ts'
import type { PermissionService } from '../../../../gateway/permissions/rebac-permissions.ts'

/**
 * Permissions that can be told to answer checks and lists from memory: then a request costs what it costs without
 * permission work. For a benchmark that makes the same few requests again and again; the memory goes by the ends of a
 * list of questions.
 */
export class RememberingPermissions implements PermissionService {
  /** Whether questions are answered from memory. */
  fromMemory = false
  /** Questions since the start; a list of objects is one. */
  asked = 0
  readonly #inner: PermissionService
  readonly #checks = new Map<string, readonly boolean[]>()
  readonly #verdicts = new Map<string, readonly Verdict[]>()
  readonly #lists = new Map<string, ObjectList>()

  constructor(inner: PermissionService) {
    this.#inner = inner
  }

  get insight(): PermissionService['insight'] {
    return this.#inner.insight
  }

  check(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly boolean[]> {
    this.asked += questions.length
    return this.#answer(this.#checks, keyOf(questions), () => this.#inner.check(questions, scope))
  }

  verdicts(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly Verdict[]> {
    this.asked += questions.length
    return this.#answer(this.#verdicts, keyOf(questions), () => this.#inner.verdicts(questions, scope))
  }

  listObjects(question: ListObjectsQuestion, scope: PermissionScope): Promise<ObjectList> {
    this.asked += 1
    const { subject, relation, bounds, lookForIncoming } = question
    const key = `${subject.id} ${relation} ${bounds?.idPrefix} ${bounds?.limit} ${lookForIncoming}`
    return this.#answer(this.#lists, key, () => this.#inner.listObjects(question, scope))
  }

  async #answer<T>(known: Map<string, T>, key: string, ask: () => Promise<T>): Promise<T> {
    const remembered = known.get(key)
    if (this.fromMemory) {
      if (remembered === undefined) throw new Error(`nothing is remembered of ${key}`)
      return remembered
    }
    const answer = await ask()
    if (remembered === undefined) known.set(key, answer)
    return answer
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
