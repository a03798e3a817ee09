import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createFindWay } from '../../../gateway/audit/find-way.ts'
import type { PermissionQuestion, Verdict } from '../../../gateway/permissions/contract.ts'
import type { ExplainedStep } from '../../../gateway/permissions/insight.ts'

const ANN = { tenant: '', type: 'user', id: 'ann', relation: '' }
const SCOPE = { context: {}, deadline: Number.MAX_SAFE_INTEGER, atLeastAsFresh: null }
const LATER_MS = 1_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('explains a directory that opens everything below it once for all that is changed there', async () => {
  const { find, explained } = setUp({ '/plans': 'covering' })
  const ways = await Promise.all(['/plans/a', '/plans/b', '/plans/c'].map((path) => find(question(path), SCOPE)))
  expect(explained).toEqual(['/plans'])
  expect(ways.map((way) => way?.relationships)).toEqual(ways.map(() => ['user:ann owner file:/plans']))
})

it('explains each file where the right on its directory says nothing of what is below', async () => {
  const { find, explained } = setUp({ '/plans': 'allowed' })
  await Promise.all(['/plans/a', '/plans/b', '/plans/a'].map((path) => find(question(path), SCOPE)))
  expect(explained).toEqual(['/plans/a', '/plans/b'])
})

it('asks for the object itself when the directory opened everything a moment ago and does not any more', async () => {
  const { find, explained } = setUp({ '/plans': 'covering' }, (path) => path !== '/plans')
  expect(await find(question('/plans/a'), SCOPE)).toEqual({
    by: ['own'],
    relationships: ['user:ann owner file:/plans/a'],
  })
  expect(explained).toEqual(['/plans', '/plans/a'])
})

it.each([
  ['another tenant', { tenant: 'beta' }],
  ['another right', { relation: 'read' }],
  ['another caller', { subject: { ...ANN, id: 'ben' } }],
])('does not take the way of one question for that of %s', async (_, other) => {
  const { find, explained } = setUp({ '/plans': 'covering' })
  await find(question('/plans/a'), SCOPE)
  await find({ ...question('/plans/b'), ...other }, SCOPE)
  expect(explained).toEqual(['/plans', '/plans'])
})

it('looks again after a moment, and after an answer that failed', async () => {
  let fails = true
  const { find, explained } = setUp({ '/plans': 'covering' }, () => {
    if (fails) throw new Error('away')
    return true
  })
  await expect(find(question('/plans/a'), SCOPE)).rejects.toThrow('away')
  fails = false
  vi.advanceTimersByTime(LATER_MS)
  await find(question('/plans/a'), SCOPE)
  vi.advanceTimersByTime(LATER_MS)
  await find(question('/plans/a'), SCOPE)
  expect(explained).toEqual(['/plans', '/plans', '/plans'])
})

/** Rights by path, and what an explanation of it would say; `explained` tells of what one was asked for. */
function setUp(verdicts: Readonly<Record<string, Verdict>>, granted: (path: string) => boolean = () => true) {
  const explained: string[] = []
  const find = createFindWay({
    verdicts: (questions) => Promise.resolve(questions.map(({ objectId }) => verdicts[objectId] ?? 'denied')),
    insight: {
      explain: async (asked) => {
        explained.push(asked.objectId)
        await Promise.resolve()
        return step(asked, granted(asked.objectId))
      },
    },
  })
  return { find, explained }
}

function question(objectId: string): PermissionQuestion {
  return {
    tenant: 'acme',
    objectType: 'file',
    objectId,
    relation: 'write',
    subject: ANN,
    alsoAs: [],
    resolveInheritance: false,
  }
}

function step({ objectType, objectId, relation, subject }: PermissionQuestion, granted: boolean): ExplainedStep {
  const common = { objectType, objectId, subject, derived: false, expired: false, conditionFailed: false, message: '' }
  const row = {
    id: `${objectId} owner`,
    objectType,
    objectId,
    relation: 'owner',
    subject,
    expiresAt: null,
    createdAt: 0,
  }
  const relationship = { ...row, attributes: null, conditionName: '', conditionContext: null }
  const child: ExplainedStep = {
    ...common,
    outcome: 'true',
    relation: 'owner',
    step: 'direct',
    relationship,
    children: [],
  }
  return {
    ...common,
    outcome: granted ? 'true' : 'false',
    relation,
    step: 'computed',
    relationship: null,
    children: [child],
  }
}
