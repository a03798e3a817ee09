import { pino } from 'pino'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import type { LogEntry, RelationshipStore } from '../../../services/rebac/store/contract.ts'
import { COVERING } from '../../../services/rebac/api/check/answer-run.ts'
import { answerQuestions } from '../../../services/rebac/api/check/answer-questions.ts'
import { type Freshness, FULLY_CONSISTENT, MINIMIZE_LATENCY } from '../../../services/rebac/tenants/freshness.ts'
import { TenantRegistry } from '../../../services/rebac/tenants/tenant-registry.ts'
import type { EvaluationView, TenantView, Work } from '../../../services/rebac/tenants/tenant-view.ts'

const later = (): number => Date.now() + 5_000
const viewer = (n: number): Relationship => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  objectType: 'file',
  objectId: `/${n}`,
  relation: 'direct_viewer',
  subjectTenant: '',
  subjectType: 'user',
  subjectId: 'alice',
  subjectRelation: '',
  conditionName: '',
  conditionContext: null,
  expiresAt: null,
  createdAt: 1,
  attributes: null,
})
const added = (n: number) => [{ before: null, after: viewer(n) }]

/** What a tenant of a few relationships takes in memory, about; two take more than that. */
const ONE_TENANT_BYTES = 6_000

/** A store in memory whose log holds one new relationship for each revision. */
function fakeStore(sharing: 'exclusive' | 'shared') {
  const state = { head: 3, trimmed: 0, loads: 0, headQueries: 0, logReads: 0, failing: false }
  const answer = async <T>(value: () => T): Promise<T> => {
    if (state.failing) throw new NexusError('UNAVAILABLE', 'The database cannot be reached.')
    return value()
  }
  const entry = (revision: number): LogEntry => {
    return { revision, kind: 'write', changes: added(revision), schemaVersion: '', committedAt: 1 }
  }
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index + 1)
  const store: Partial<RelationshipStore> = {
    sharing,
    heads: (tenants) => {
      state.headQueries += 1
      return answer(() => new Map(tenants.map((tenant) => [tenant, state.head])))
    },
    loadTenant: (_tenant, begin) => {
      state.loads += 1
      return answer(() => {
        begin()(range(0, state.head).map(viewer))
        return { revision: state.head, schema: null }
      })
    },
    exceeds: (_tenant, count) => answer(() => state.head > count),
    readLog: (_tenant, after) => {
      state.logReads += 1
      if (after < state.trimmed) return Promise.reject(new NexusError('REVISION_TRIMMED', 'Gone.'))
      return answer(() => ({ entries: range(after, state.head).map(entry), mayHaveMore: false }))
    },
  }
  return { state, store: store as RelationshipStore }
}

async function residentView(registry: TenantRegistry): Promise<TenantView> {
  const view = await registry.view('acme', FULLY_CONSISTENT, later())
  if (view === null) throw new Error('the tenant is not in memory')
  return view
}

describe('the registry of tenants', () => {
  const open: TenantRegistry[] = []
  afterEach(() => {
    for (const registry of open.splice(0)) registry.close()
    vi.useRealTimers()
  })
  const setUp = (sharing: 'exclusive' | 'shared', memoryBudgetBytes = 1e9) => {
    const { state, store } = fakeStore(sharing)
    const registry = new TenantRegistry({ store, memoryBudgetBytes, logger: pino({ level: 'silent' }) })
    open.push(registry)
    return { state, registry }
  }

  it('loads a tenant once, however many ask', async () => {
    const { state, registry } = setUp('exclusive')
    const views = await Promise.all(Array.from({ length: 20 }, () => registry.view('acme', FULLY_CONSISTENT, later())))
    expect(state.loads).toBe(1)
    expect(new Set(views.map((view) => view?.revision))).toEqual(new Set([3]))
    expect(registry.viewNow('acme', FULLY_CONSISTENT)?.graph.size).toBe(3)
  })

  it('applies results of writes in the order of their revisions', async () => {
    const { state, registry } = setUp('exclusive')
    await registry.view('acme', FULLY_CONSISTENT, later())
    state.head = 6
    registry.written('acme', { revision: 6, changes: added(6) })
    registry.written('acme', { revision: 5, changes: added(5) })
    expect(registry.viewNow('acme', FULLY_CONSISTENT)).toBeNull()
    expect(registry.viewNow('acme', { kind: 'atLeast', revision: 3 })?.graph.size).toBe(3)
    registry.written('acme', { revision: 4, changes: added(4) })
    expect(registry.viewNow('acme', FULLY_CONSISTENT)).toMatchObject({ revision: 6 })
    expect(state.logReads).toBe(0)
  })

  it('fills a gap from the log', async () => {
    const { state, registry } = setUp('exclusive')
    await registry.view('acme', FULLY_CONSISTENT, later())
    state.head = 6
    registry.written('acme', { revision: 6, changes: added(6) })
    const { revision, graph } = await residentView(registry)
    expect([revision, graph.size, state.logReads]).toEqual([6, 6, 1])
    registry.written('acme', { revision: 4, changes: added(4) })
    expect(registry.viewNow('acme', FULLY_CONSISTENT)?.graph.size).toBe(6)
  })

  it('takes the revision of a repeated answer for a head, not for a change', async () => {
    const { state, registry } = setUp('exclusive')
    await registry.view('acme', FULLY_CONSISTENT, later())
    state.head = 4
    registry.written('acme', { revision: 4, changes: [] })
    expect(registry.viewNow('acme', FULLY_CONSISTENT)).toBeNull()
    expect((await residentView(registry)).graph.size).toBe(4)
  })

  it('asks the database after a write that ended in an unknown way', async () => {
    const { state, registry } = setUp('exclusive')
    await registry.view('acme', FULLY_CONSISTENT, later())
    state.head = 4
    registry.distrust('acme')
    expect((await registry.view('acme', FULLY_CONSISTENT, later()))?.revision).toBe(4)
    expect(state.headQueries).toBe(1)
    expect(registry.viewNow('acme', FULLY_CONSISTENT)).not.toBeNull()
  })

  it('asks a shared store once for all that wait, and again for whoever comes later', async () => {
    const { state, registry } = setUp('shared')
    const tenants = ['a', 'b', 'c']
    await Promise.all(tenants.map((tenant) => registry.view(tenant, FULLY_CONSISTENT, later())))
    state.headQueries = 0
    state.head = 5
    const wave = Array.from({ length: 30 }, (_, index) =>
      registry.view(tenants[index % 3] ?? '', FULLY_CONSISTENT, later()),
    )
    expect(new Set((await Promise.all(wave)).map((view) => view?.revision))).toEqual(new Set([5]))
    expect(state.headQueries).toBe(1)
    state.head = 6
    expect((await registry.view('a', FULLY_CONSISTENT, later()))?.revision).toBe(6)
  })

  it('loads anew where the log was trimmed', async () => {
    const { state, registry } = setUp('shared')
    await registry.view('acme', FULLY_CONSISTENT, later())
    state.head = 9
    state.trimmed = 8
    expect((await residentView(registry)).graph.size).toBe(9)
    expect(state.loads).toBe(2)
  })

  it('holds changes back while somebody works longer than a turn', async () => {
    const { state, registry } = setUp('exclusive')
    const view = await residentView(registry)
    const unpin = view.pin()
    state.head = 4
    registry.written('acme', { revision: 4, changes: added(4) })
    expect(view.graph.size).toBe(3)
    const next = residentView(registry)
    await new Promise((resolve) => setImmediate(resolve))
    expect(view.graph.size).toBe(3)
    unpin()
    expect((await next).graph.size).toBe(4)
  })

  describe('while somebody works longer than a turn and a change waits for it', () => {
    /** Work that goes on until it is let go, and tells the revision that it sees and how much there was. */
    function lasting() {
      const state = { begun: 0, ending: false }
      const work = function* (view: EvaluationView): Work<number[]> {
        state.begun += 1
        while (!state.ending) yield
        return [view.revision, view.graph.revision]
      }
      return { state, work }
    }
    const begun = (work: ReturnType<typeof lasting>) =>
      expect.poll(() => work.state.begun, { timeout: 30_000 }).toBeGreaterThan(0)

    const setUpHeld = async () => {
      const { state, registry } = setUp('exclusive')
      await residentView(registry)
      const first = lasting()
      const done = registry.evaluate('acme', { kind: 'atLeast', revision: 3 }, later(), first.work)
      await begun(first)
      state.head = 4
      registry.written('acme', { revision: 4, changes: added(4) })
      const end = async () => {
        first.state.ending = true
        expect(await done).toEqual([3, 3])
      }
      return { state, registry, end }
    }

    it.each<[Freshness, number]>([
      [MINIMIZE_LATENCY, 4],
      [{ kind: 'atLeast', revision: 3 }, 4],
      [{ kind: 'exactly', revision: 3 }, 3],
    ])('lets the change in before long work that is content with %j', async (freshness, expected) => {
      const { registry, end } = await setUpHeld()
      const second = lasting()
      const done = registry.evaluate('acme', freshness, later(), second.work)
      await begun(second)
      await end()
      expect((await residentView(registry)).graph.size).toBe(4)
      second.state.ending = true
      expect(await done).toEqual([expected, expected])
    })

    it('answers at once what ends within a turn', async () => {
      const { registry, end } = await setUpHeld()
      const short = lasting()
      short.state.ending = true
      const freshness = { kind: 'atLeast', revision: 3 } as const
      expect(await registry.evaluate('acme', freshness, later(), short.work)).toEqual([3, 3])
      await end()
    })

    it('gives up long work at its deadline', async () => {
      const { registry, end } = await setUpHeld()
      const freshness = { kind: 'atLeast', revision: 3 } as const
      const late = registry.evaluate('acme', freshness, Date.now() + 20, lasting().work)
      await expect(late).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' })
      await end()
    })

    it('lets the change in before many questions, too', async () => {
      const { registry, end } = await setUpHeld()
      // Each look at the clock ends a turn.
      let time = 0
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 1_000))
      onTestFinished(() => clock.mockRestore())
      const scope = { tenant: 'acme', schemaVersion: '', context: {}, contextual: [], maxDepth: 0, nodeBudget: 0 }
      const subject = { tenant: '', type: 'user', id: 'alice', relation: '' }
      const asked = Array.from({ length: 40 }, () => ({
        question: {
          objectType: 'file',
          objectId: '/4',
          relation: 'read',
          subject,
          alsoAs: [],
          resolveInheritance: false,
        },
        deadline: later(),
        isCancelled: () => false,
      }))
      const freshness = { kind: 'atLeast', revision: 3 } as const
      const answers = answerQuestions(registry, { ...scope, freshness }, asked)
      await end()
      const { revision, outcomes } = await answers
      expect(revision).toBe(4)
      expect(new Set(outcomes)).toEqual(new Set([COVERING]))
    })
  })

  it('tries again after a load that failed', async () => {
    const { state, registry } = setUp('shared')
    state.failing = true
    await expect(registry.view('acme', FULLY_CONSISTENT, later())).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    expect(registry.residentTenants).toBe(0)
    state.failing = false
    expect((await registry.view('acme', FULLY_CONSISTENT, later()))?.revision).toBe(3)
  })

  it('lets the least recently used go when memory is short', async () => {
    // Enough for one of them.
    const { state, registry } = setUp('exclusive', ONE_TENANT_BYTES)
    await registry.view('a', FULLY_CONSISTENT, later())
    await registry.view('b', FULLY_CONSISTENT, later())
    expect(registry.residentTenants).toBe(1)
    expect(registry.viewNow('a', FULLY_CONSISTENT)).toBeNull()
    await registry.view('a', FULLY_CONSISTENT, later())
    expect(state.loads).toBe(3)
  })

  it('leaves a tenant that does not fit in the store, without loading it', async () => {
    const { state, registry } = setUp('exclusive', 2 * 180)
    expect(await registry.view('acme', FULLY_CONSISTENT, later())).toBeNull()
    expect(state.loads).toBe(0)
    expect([registry.residentTenants, registry.storeBackedTenants]).toEqual([0, 1])
  })

  it('lets one that outgrows the budget go to the store, and takes it back when it has shrunk', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const { state, registry } = setUp('exclusive', ONE_TENANT_BYTES)
    await residentView(registry)
    for (let revision = 4; revision <= 500; revision += 1) {
      state.head = revision
      registry.written('acme', { revision, changes: added(revision) })
    }
    await vi.advanceTimersByTimeAsync(1_000)
    expect([registry.residentTenants, registry.storeBackedTenants]).toEqual([0, 1])
    expect(await registry.view('acme', FULLY_CONSISTENT, later())).toBeNull()
    state.head = 3
    await vi.advanceTimersByTimeAsync(700_000)
    expect((await residentView(registry)).graph.size).toBe(3)
    expect(registry.storeBackedTenants).toBe(0)
  })

  it('keeps no more than some tenants that do not exist', async () => {
    const { state, registry } = setUp('exclusive')
    await registry.view('real', FULLY_CONSISTENT, later())
    state.head = 0
    for (let index = 0; index < 1_000; index += 1) await registry.view(`nobody-${index}`, FULLY_CONSISTENT, later())
    expect(registry.residentTenants).toBeLessThan(300)
    expect(registry.viewNow('real', FULLY_CONSISTENT)?.revision).toBe(3)
  })

  it('is unavailable for minimize_latency when a shared store was out of reach for ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const { state, registry } = setUp('shared')
    await registry.view('acme', MINIMIZE_LATENCY, later())
    await vi.advanceTimersByTimeAsync(30_000)
    expect((await registry.view('acme', MINIMIZE_LATENCY, later()))?.revision).toBe(3)
    state.failing = true
    await vi.advanceTimersByTimeAsync(9_000)
    expect((await registry.view('acme', MINIMIZE_LATENCY, later()))?.revision).toBe(3)
    await vi.advanceTimersByTimeAsync(3_000)
    await expect(registry.view('acme', MINIMIZE_LATENCY, later())).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    state.failing = false
    state.head = 4
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await registry.view('acme', MINIMIZE_LATENCY, later()))?.revision).toBe(4)
  })

  it('gives up at the deadline of whoever waits', async () => {
    const { registry } = setUp('exclusive')
    const { store } = fakeStore('shared')
    const stuck = { ...store, loadTenant: () => new Promise<never>(() => {}) } as RelationshipStore
    const waiting = new TenantRegistry({ store: stuck, memoryBudgetBytes: 1e9, logger: pino({ level: 'silent' }) })
    open.push(waiting, registry)
    await expect(waiting.view('acme', FULLY_CONSISTENT, Date.now() + 20)).rejects.toMatchObject({
      reason: 'DEADLINE_EXCEEDED',
    })
  })
})
