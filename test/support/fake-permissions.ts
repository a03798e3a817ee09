import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { ErrorReason } from '../../services/common/errors/catalogue.ts'
import { v7 as uuidv7 } from 'uuid'
import type {
  NewRelationshipRow,
  PermissionQuestion,
  Permissions,
  PermissionSubject,
  RelationshipRow,
  RelationshipRowFilter,
  Verdict,
} from '../../gateway/permissions/contract.ts'

/** Relations that carry a right, with those that include it; as in the default schema. */
const CARRIERS: Readonly<Record<string, readonly string[]>> = {
  execute: ['direct_owner', 'shared-owner'],
  write: ['direct_owner', 'direct_editor', 'shared-owner', 'shared-editor'],
  read: ['direct_owner', 'direct_editor', 'direct_viewer', 'shared-owner', 'shared-editor', 'shared-viewer'],
}

/** Of one write, as the service takes them. */
const MAX_OPERATIONS = 10_000

type Call = 'check' | 'listObjects' | 'write' | 'deleteMatching' | 'move' | 'read'

/** A permission service in memory: direct relations on files, inherited from the directories above; groups' members. */
export class FakePermissions implements Permissions {
  readonly #rows = new Map<string, Map<string, RelationshipRow>>()
  readonly #answered = new Map<string, string>()
  readonly #failures: { call: Call; reason: ErrorReason; left: number; late: boolean }[] = []
  #gate: Promise<void> | undefined
  #open: (() => void) | undefined
  /** How often each call was made, and how many questions were asked. */
  readonly counts = { check: 0, questions: 0, listObjects: 0, write: 0, deleteMatching: 0, move: 0, read: 0 }
  /** Whether lists of objects leave nothing out, or say that what they do not name has to be checked. */
  knowsAll = true
  /** Run before each call, for tests that put something between two steps. */
  before: ((call: Call) => Promise<void> | void) | undefined

  /** The next `times` calls fail. */
  fail(call: Call, reason: ErrorReason, times: number): void {
    this.#failures.push({ call, reason, left: times, late: false })
  }

  /** The answers of the next `times` calls are lost: what was asked for is done. */
  lose(call: Call, times: number): void {
    this.#failures.push({ call, reason: 'UNAVAILABLE', left: times, late: true })
  }

  /** Changes wait until `resume`; checks go on. */
  pause(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#open = resolve
    })
  }

  resume(): void {
    this.#open?.()
    this.#gate = undefined
  }

  /** Stores a relationship without ceremony. */
  grant(tenant: string, path: string, relation: string, subject: PermissionSubject): void {
    this.#put(tenant, row('file', path, relation, subject))
  }

  revoke(tenant: string, path: string, relation: string, subject: PermissionSubject): void {
    this.#of(tenant).delete(keyOf(row('file', path, relation, subject)))
  }

  member(tenant: string, group: string, subject: PermissionSubject): void {
    this.#put(tenant, row('group', group, 'member', subject))
  }

  rows(tenant: string): readonly RelationshipRow[] {
    return [...this.#of(tenant).values()]
  }

  /** `relation path subject` of everything in a tenant, sorted. */
  facts(tenant: string): readonly string[] {
    return this.rows(tenant)
      .map((one) => `${one.relation} ${one.objectId} ${one.subject.type}:${one.subject.id}`)
      .sort()
  }

  async check(questions: readonly PermissionQuestion[]): Promise<readonly boolean[]> {
    this.counts.check++
    this.counts.questions += questions.length
    await this.#enter('check')
    return questions.map((question) => this.#allowed(question))
  }

  async listObjects({
    tenant,
    relation,
    subject,
    alsoAs,
    bounds,
  }: Parameters<Permissions['listObjects']>[0]): ReturnType<Permissions['listObjects']> {
    this.counts.listObjects++
    await this.#enter('listObjects')
    const ids = new Set(
      this.rows(tenant).flatMap(({ objectType, objectId }) => (objectType === 'file' ? objectId : [])),
    )
    const question = { tenant, objectType: 'file', relation, subject, alsoAs, resolveInheritance: false }
    const { idPrefix = '', limit = Infinity } = bounds ?? {}
    const held = [...ids].filter((id) => id.startsWith(idPrefix) && this.#allowed({ ...question, objectId: id }))
    const objects = held.sort().slice(0, limit)
    return {
      objects: objects.map((id) => ({ id, coversSubtree: true })),
      coversAll: this.knowsAll,
      more: held.length > limit,
      noIncoming: false,
    }
  }

  async verdicts(questions: readonly PermissionQuestion[]): Promise<readonly Verdict[]> {
    // Whatever is allowed is inherited by what lies below.
    return (await this.check(questions)).map((allowed) => (allowed ? 'covering' : 'denied'))
  }

  async write(request: Parameters<Permissions['write']>[0]): ReturnType<Permissions['write']> {
    this.counts.write++
    await this.#enter('write')
    const made = this.#revision()
    const none = { ...made, written: [], deletedCount: 0 }
    if (this.#repeated(request.tenant, request.idempotencyKey, request.operations)) return none
    if (request.operations.length > MAX_OPERATIONS) {
      throw new NexusError('INVALID_REQUEST', `operations may have at most ${MAX_OPERATIONS} items.`)
    }
    const written: RelationshipRow[] = []
    let deletedCount = 0
    for (const { kind, relationship } of request.operations) {
      const there = this.#of(request.tenant).has(keyOf(relationship))
      if (kind === 'create' && there) throw new NexusError('RELATIONSHIP_EXISTS', 'The relationship exists.')
      if (kind === 'create' || kind === 'touch') written.push(this.#put(request.tenant, relationship))
      else if (this.#of(request.tenant).delete(keyOf(relationship))) deletedCount++
    }
    this.#failing('write', true)
    return { ...made, written, deletedCount }
  }

  async deleteMatching(
    request: Parameters<Permissions['deleteMatching']>[0],
  ): ReturnType<Permissions['deleteMatching']> {
    this.counts.deleteMatching++
    await this.#enter('deleteMatching')
    const made = this.#revision()
    if (this.#repeated(request.tenant, request.idempotencyKey, request.filter)) return { ...made, deletedCount: 0 }
    const doomed = this.rows(request.tenant).filter((one) => matches(one, request.filter))
    for (const one of doomed) this.#of(request.tenant).delete(keyOf(one))
    this.#failing('deleteMatching', true)
    return { ...made, deletedCount: doomed.length }
  }

  async move(request: Parameters<Permissions['move']>[0]): ReturnType<Permissions['move']> {
    this.counts.move++
    await this.#enter('move')
    const { tenant, objectType, fromId, toId } = request
    const done = { ...this.#revision(), movedCount: 0, deletedCount: 0 }
    if (this.#repeated(tenant, request.idempotencyKey, [objectType, fromId, toId])) return done
    const within = (type: string, id: string, top: string) =>
      type === objectType && (id === top || id.startsWith(`${top}/`))
    const about = (one: RelationshipRow, top: string) =>
      within(one.objectType, one.objectId, top) || within(one.subject.type, one.subject.id, top)
    const moved = (type: string, id: string) => (within(type, id, fromId) ? toId + id.slice(fromId.length) : id)
    const doomed = this.rows(tenant).filter((one) => about(one, toId))
    const rows = this.rows(tenant).filter((one) => about(one, fromId) && !about(one, toId))
    for (const one of [...doomed, ...rows]) this.#of(tenant).delete(keyOf(one))
    for (const one of rows) {
      const { subject } = one
      const objectId = moved(one.objectType, one.objectId)
      const kept = { ...one, objectId, subject: { ...subject, id: moved(subject.type, subject.id) } }
      this.#of(tenant).set(keyOf(kept), kept)
    }
    this.#failing('move', true)
    return { ...done, movedCount: rows.length, deletedCount: doomed.length }
  }

  async read(request: Parameters<Permissions['read']>[0]): Promise<readonly RelationshipRow[]> {
    this.counts.read++
    await this.#enter('read')
    return this.rows(request.tenant).filter((one) => matches(one, request.filter))
  }

  head(): ReturnType<Permissions['head']> {
    return Promise.resolve(this.#revision())
  }

  healthy(): Promise<boolean> {
    return Promise.resolve(true)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #revision() {
    const { write, deleteMatching, move } = this.counts
    const revision = write + deleteMatching + move
    return { revision, token: `revision ${revision}` }
  }

  async #enter(call: Call): Promise<void> {
    await this.before?.(call)
    if (call !== 'check' && call !== 'listObjects' && call !== 'read') await this.#gate
    this.#failing(call, false)
  }

  #failing(call: Call, late: boolean): void {
    const failure = this.#failures.find((one) => one.call === call && one.left > 0 && one.late === late)
    if (failure === undefined) return
    failure.left--
    throw new NexusError(failure.reason, `The test wants ${failure.reason}.`)
  }

  #allowed(question: PermissionQuestion): boolean {
    const carriers = CARRIERS[question.relation]
    if (question.objectType !== 'file' || carriers === undefined)
      throw new Error(`the fake knows no ${question.relation}`)
    return [question.subject, ...question.alsoAs].some((subject) => {
      for (let path = question.objectId; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
        if (carriers.some((relation) => this.#holds(question.tenant, path, relation, subject))) return true
        if (path === '/') return false
      }
    })
  }

  #holds(tenant: string, path: string, relation: string, subject: PermissionSubject): boolean {
    if (this.#of(tenant).has(keyOf(row('file', path, relation, subject)))) return true
    return this.rows(tenant).some(
      (one) =>
        one.objectType === 'file' &&
        one.objectId === path &&
        one.relation === relation &&
        one.subject.type === 'group' &&
        this.#of(tenant).has(keyOf(row('group', one.subject.id, 'member', subject))),
    )
  }

  #repeated(tenant: string, key: string | null, body: unknown): boolean {
    if (key === null) return false
    const text = JSON.stringify(body)
    const before = this.#answered.get(`${tenant} ${key}`)
    if (before !== undefined && before !== text)
      throw new NexusError('IDEMPOTENCY_KEY_REUSED', 'The key was used before.')
    this.#answered.set(`${tenant} ${key}`, text)
    return before !== undefined
  }

  #put(tenant: string, relationship: NewRelationshipRow): RelationshipRow {
    const stored = { ...relationship, id: uuidv7(), createdAt: Date.now() }
    this.#of(tenant).set(keyOf(stored), stored)
    return stored
  }

  #of(tenant: string): Map<string, RelationshipRow> {
    let rows = this.#rows.get(tenant)
    if (rows === undefined) {
      rows = new Map()
      this.#rows.set(tenant, rows)
    }
    return rows
  }
}

/** A user of the tenant that is asked, or of another one. */
export function user(id: string, tenant = ''): PermissionSubject {
  return { tenant, type: 'user', id, relation: '' }
}

function row(objectType: string, objectId: string, relation: string, subject: PermissionSubject): NewRelationshipRow {
  return {
    objectType,
    objectId,
    relation,
    subject,
    expiresAt: null,
    attributes: null,
    conditionName: '',
    conditionContext: null,
  }
}

function keyOf({ objectType, objectId, relation, subject }: NewRelationshipRow): string {
  return JSON.stringify([objectType, objectId, relation, subject.tenant, subject.type, subject.id, subject.relation])
}

function matches(one: RelationshipRow, filter: RelationshipRowFilter): boolean {
  return (
    (filter.ids === undefined || filter.ids.includes(one.id)) &&
    (filter.objectType === undefined || filter.objectType === one.objectType) &&
    (filter.objectId === undefined || filter.objectId === one.objectId) &&
    (filter.objectIdPrefix === undefined || one.objectId.startsWith(filter.objectIdPrefix)) &&
    (filter.relations === undefined || filter.relations.includes(one.relation)) &&
    (filter.subjectTenant === undefined || filter.subjectTenant === one.subject.tenant) &&
    (filter.subjectType === undefined || filter.subjectType === one.subject.type) &&
    (filter.subjectId === undefined || filter.subjectId === one.subject.id) &&
    (filter.subjectIdPrefix === undefined || one.subject.id.startsWith(filter.subjectIdPrefix)) &&
    (filter.subjectRelation === undefined || filter.subjectRelation === one.subject.relation)
  )
}
