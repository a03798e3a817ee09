import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrationsFor } from '../../../services/common/sql/ddl.ts'
import type { Batch, Script, Statement } from '../../../services/common/sql/script.ts'
import type { Part } from '../../../services/rebac/model/part.ts'
import type { Filter } from '../../../services/rebac/store/contract.ts'
import { deleteSubtree, moveSubtree } from '../../../services/rebac/store/commands/subtree-statements.ts'
import { matching, Parameters, prefixEnd } from '../../../services/rebac/store/filter.ts'
import { fetchParts } from '../../../services/rebac/store/reads/fetch-parts.ts'
import { pagedLookups, RELATIONS_OF_OBJECT } from '../../../services/rebac/store/reads/part-lookups.ts'
import { readShares } from '../../../services/rebac/store/reads/read-shares.ts'
import { readRelationships } from '../../../services/rebac/store/reads/read-relationships.ts'
import { rebacMigrations } from '../../../services/rebac/store/migrations.ts'
import { sqliteTables } from '../../../services/rebac/store/sqlite/tables.ts'

function emptyDatabase(): BetterSqlite3.Database {
  const database = new BetterSqlite3(':memory:')
  for (const { sql } of migrationsFor('sqlite', rebacMigrations)) database.exec(sql)
  return database
}

function plan(database: BetterSqlite3.Database, text: string): string {
  const steps = database.prepare(`explain query plan ${text.replaceAll(/\$\d+/g, 'null')}`).all() as {
    detail: string
  }[]
  return steps.map(({ detail }) => detail).join('; ')
}

function firstText(script: Script<unknown>): string {
  const step = script.next()
  const [text] = step.done === true ? [] : sqliteTexts(step.value)
  if (text === undefined) throw new Error('the script has no statement')
  return text
}

function sqliteTexts(step: Statement | Batch): string[] {
  const statements = 'batch' in step ? step.batch : [step]
  return statements.map(({ text }) => (typeof text === 'string' ? text : text.sqlite))
}

function textsOf(script: Script<unknown>): string[] {
  const texts: string[] = []
  for (let step = script.next(); step.done !== true; step = script.next([])) {
    texts.push(...sqliteTexts(step.value))
  }
  return texts
}

describe('statements on relationships use their index', () => {
  const cases: readonly (readonly [Filter, string])[] = [
    [{ ids: ['x'] }, 'relationships_id'],
    [{ objectType: 'file', objectId: '/a' }, 'relationships_key'],
    [{ objectType: 'file', objectIdPrefix: '/a' }, 'relationships_key'],
    [{ subjectType: 'user', subjectId: 'u' }, 'relationships_subject'],
    [{ subjectType: 'user', subjectId: 'u', subjectRelation: '' }, 'relationships_subject'],
    [{ subjectType: 'file', subjectIdPrefix: '/a/' }, 'relationships_subject'],
  ]
  it.each(cases)('filter %j: %s', (filter, index) => {
    const request = { tenant: 't', filter, afterId: 'a', limit: 10, now: 0 }
    const condition = matching('sqlite', new Parameters(), 't', filter, 0)
    const texts = [
      // A prefix may stand for the whole tenant: its pages together are one walk in the order of ids.
      ...(filter.objectIdPrefix === undefined && filter.subjectIdPrefix === undefined
        ? [firstText(readRelationships('sqlite', request))]
        : []),
      `delete from relationships where ${condition}`,
      `select id from relationships where ${condition} limit 1`,
    ]
    for (const text of texts)
      expect(plan(emptyDatabase(), text)).toContain(`SEARCH relationships USING INDEX ${index} (`)
  })

  it('moving a subtree', () => {
    const [from, to] = [
      { id: '/a', separator: '/' },
      { id: '/q', separator: '/' },
    ]
    for (const { text } of [deleteSubtree('t', 'file', to), moveSubtree('t', 'file', from, to, 0)]) {
      const steps = plan(emptyDatabase(), text)
      expect(steps).toMatch(/USING (COVERING )?INDEX relationships_id \(tenant=\? AND id=\?\)/)
      expect(steps.match(/relationships_key \(tenant=\? AND object_type=\? AND object_id[=>]/g)).toHaveLength(2)
      expect(steps.match(/relationships_subject \(tenant=\? AND <expr>=\? AND <expr>[=>]/g)).toHaveLength(2)
      expect(steps).not.toMatch(/SCAN relationships|\(tenant=\?\)/)
    }
  })

  it('shares of a subject', () => {
    const subject = { tenant: 'home', type: 'user', id: 'u' }
    const text = plan(emptyDatabase(), firstText(readShares({ subject, after: null, limit: 1, now: 0 })))
    expect(text).toContain('USING INDEX relationships_shares (subject_tenant=? AND subject_type=? AND subject_id=?)')
  })

  it.each([
    [
      { kind: 'object', objectType: 'file', objectId: '/a' },
      ['relationships_key (tenant=? AND object_type=? AND object_id=?)'],
    ],
    [
      { kind: 'members', objectType: 'file', objectId: '/a', relation: 'viewer' },
      ['relationships_key (tenant=? AND object_type=? AND object_id=? AND relation=?'],
    ],
    [
      { kind: 'subject', subjectTenant: '', subjectType: 'user', subjectId: 'u' },
      ['relationships_subject (tenant=? AND <expr>=? AND <expr>=?'],
    ],
    [
      { kind: 'subtree', objectType: 'file', objectId: '/a', separator: '/' },
      [
        'relationships_key (tenant=? AND object_type=? AND',
        'relationships_subject (tenant=? AND <expr>=? AND <expr>>? AND <expr><?)',
      ],
    ],
  ] satisfies [Part, string[]][])('part %j', (part, indexes) => {
    const found = textsOf(fetchParts('sqlite', 't', [part], { now: 0, maxRelationships: 1 })).map((text) =>
      plan(emptyDatabase(), text),
    )
    expect(found).toHaveLength(indexes.length)
    for (const [at, index] of indexes.entries()) {
      expect(found[at]).toContain(index)
      // In the order of the index: what is sorted is read as a whole for each page.
      expect(found[at]).not.toMatch(/SCAN|TEMP B-TREE/)
    }
  })

  it('the outline of an object', () => {
    const relations = plan(emptyDatabase(), RELATIONS_OF_OBJECT.body.replaceAll(/k\.\w+/g, '$3'))
    expect(relations.match(/SEARCH relationships USING COVERING INDEX relationships_key \(tenant=\?/g)).toHaveLength(2)
    expect(relations).toContain('object_id=? AND relation>?)')
    expect(relations).not.toContain('SCAN relationships')
    const usersets = plan(emptyDatabase(), pagedLookups('sqlite', 9).usersets.body.replaceAll(/k\.\w+/g, '$3'))
    expect(usersets).toMatch(/USING INDEX relationships_usersets \(tenant=\? AND object_type=\? AND object_id=\?/)
    expect(usersets).not.toContain('TEMP B-TREE')
  })

  it('a lookup by key', () => {
    const key = {
      objectType: '',
      objectId: '',
      relation: '',
      subjectTenant: '',
      subjectType: '',
      subjectId: '',
      subjectRelation: '',
    }
    const text = plan(emptyDatabase(), firstText(sqliteTables.findByKeys('t', [key])))
    expect(text).toMatch(/USING INDEX relationships_key \(tenant=\? AND .*subject_tenant=\?\)/)
  })
})

describe('prefixEnd', () => {
  it.each([
    ['a', 'b'],
    ['/a', '/b'],
    ['a\u{10FFFF}', 'b'],
    ['\uD7FF', '\uE000'],
    ['\uFFFF', '\u{10000}'],
    ['\u{10FFFF}', null],
  ])('%j is before %j', (prefix, end) => {
    expect(prefixEnd(prefix)).toBe(end)
    const longer = Buffer.from(`${prefix}\u{10FFFF}\u{10FFFF}`)
    expect(end === null || Buffer.compare(longer, Buffer.from(end)) < 0).toBe(true)
  })
})
