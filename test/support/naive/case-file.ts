import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { JsonObject } from '../../../services/common/json.ts'
import type { Relationship, Subject } from '../../../services/rebac/model/relationship.ts'
import type { Hierarchy, SchemaFormat } from '../../../services/rebac/schema/schema.ts'

/** The clock of all cases. */
export const CASE_NOW = Date.parse('2026-01-01T00:00:00Z')

/** One case of test/cases/*.yaml; the format is explained in test/cases/README.md. */
export interface Case {
  readonly name: string
  readonly schema: string
  readonly format?: SchemaFormat
  readonly hierarchies?: readonly Hierarchy[]
  readonly relationships?: readonly string[]
  readonly contextual?: readonly string[]
  readonly context?: JsonObject
  readonly allowed?: readonly string[]
  readonly denied?: readonly string[]
  /** Of a question, the reason of the error that it ends in. */
  readonly errors?: Readonly<Record<string, string>>
  /** Of a question, the reason why it cannot be asked. */
  readonly invalid?: Readonly<Record<string, string>>
  /** Of a relationship, the reason why it cannot be stored. */
  readonly refused?: Readonly<Record<string, string>>
  /** Relationships that may be stored. */
  readonly accepted?: readonly string[]
  readonly objects?: Readonly<Record<string, readonly string[] | string>>
  readonly subjects?: Readonly<Record<string, readonly string[] | string>>
  readonly permissions?: Readonly<Record<string, readonly string[]>>
  /** Of `type:id#relation`, its tree as `writeTree` writes it. */
  readonly expand?: Readonly<Record<string, string>>
  /** Of a question, the steps of its explanation as `writeSteps` writes them. */
  readonly explain?: Readonly<Record<string, readonly string[]>>
  /** What the schema is refused for, each a part of one of its problems; then nothing else is asked. */
  readonly problems?: readonly string[]
  readonly maxDepth?: number
}

interface CaseFile {
  readonly schemas?: Readonly<Record<string, string>>
  readonly cases: readonly Case[]
}

/** All case files; the schema of a case is its text. */
export function readCaseFiles(): readonly { readonly file: string; readonly cases: readonly Case[] }[] {
  const folder = new URL('../../cases/', import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const { schemas = {}, cases }: CaseFile = parse(readFileSync(new URL(file, folder), 'utf8'))
      return { file, cases: cases.map((one) => ({ ...one, schema: schemas[one.schema] ?? one.schema })) }
    })
}

/** How many single statements a case makes. */
export function countAssertions(one: Case): number {
  const lists = [one.allowed, one.denied, one.accepted, one.problems].map((list) => list?.length ?? 0)
  const maps = [
    one.errors,
    one.invalid,
    one.refused,
    one.objects,
    one.subjects,
    one.permissions,
    one.expand,
    one.explain,
  ]
  return [...lists, ...maps.map((map) => Object.keys(map ?? {}).length)].reduce((sum, count) => sum + count, 0)
}

/** The numbers of the rules that the name of a case or test begins with: `2.5, 2.6 an error ...`. */
export function rulesOf(name: string): readonly string[] {
  return /^\d\.\d+(?:, \d\.\d+)*(?= )/.exec(name)?.[0].split(', ') ?? []
}

/** `type:id#relation@subject` */
export function readQuestion(text: string): {
  objectType: string
  objectId: string
  relation: string
  subject: Subject
} {
  const match = /^([^:]*):(.*?)#([^@#]*)@(.*)$/s.exec(text)
  if (match === null) throw new Error(`not a question: ${text}`)
  const [, objectType = '', objectId = '', relation = '', subject = ''] = match
  return { objectType, objectId, relation, subject: readSubject(subject) }
}

/** `type:id`, `type:id#relation`, `type:*`, `*:*`; of another tenant `tenant/type:id`. */
export function readSubject(text: string): Subject {
  const match = /^(?:([a-z]+)\/)?([^:]*):(.*?)(?:#([^#]*))?$/s.exec(text)
  if (match === null) throw new Error(`not a subject: ${text}`)
  const [, tenant = '', type = '', id = '', relation = ''] = match
  return { tenant, type, id, relation }
}

/** A subject as cases write it. */
export function writeSubject({ tenant, type, id, relation }: Subject): string {
  return `${tenant === '' ? '' : `${tenant}/`}${type}:${id}${relation === '' ? '' : `#${relation}`}`
}

/** A question, perhaps followed by ` [condition {context}]` and ` expires <ISO time>`. */
export function readRelationship(text: string, index = 0): Relationship {
  const match = /^(.*?)(?: \[(\w+)(?: (\{.*\}))?\])?(?: expires (\S+))?$/s.exec(text)
  if (match === null) throw new Error(`not a relationship: ${text}`)
  const [, key = '', conditionName = '', context, expires] = match
  const { objectType, objectId, relation, subject } = readQuestion(key)
  return {
    id: `t${String(index).padStart(4, '0')}`,
    objectType,
    objectId,
    relation,
    subjectTenant: subject.tenant,
    subjectType: subject.type,
    subjectId: subject.id,
    subjectRelation: subject.relation,
    conditionName,
    conditionContext: context === undefined ? null : JSON.parse(context),
    expiresAt: expires === undefined ? null : Date.parse(expires),
    createdAt: CASE_NOW,
    attributes: null,
  }
}
