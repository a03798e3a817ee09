import { beforeEach, describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { RelationPlan } from '../../../services/rebac/engine/plan.ts'
import { UnitValues } from '../../../services/rebac/engine/unit-values.ts'
import { CYCLE, ERROR, FALSE, TRUE, type Value } from '../../../services/rebac/engine/values.ts'

const plan = { kind: 'union', names: [], direct: [], from: [], islands: [] } as const
const kind = { number: 1, type: 'node', tenant: '', wildcard: false }
const viewer: RelationPlan = { number: 1, kind, relation: 1, plan }
const editor: RelationPlan = { number: 2, kind, relation: 2, plan }
const problem = new NexusError('MISSING_CONTEXT', 'It needs x.')

let values: UnitValues

beforeEach(() => {
  values = new UnitValues()
})

/** Ends the evaluation of `node`#viewer, begun on its frame. */
function end(node: number, frame: number, value: Value, low: number, provisionalStart = values.provisionalCount) {
  const error = value === ERROR ? problem : null
  return values.end(node, viewer, frame, { value, error, low, provisionalStart })
}

/** Evaluates `node`#viewer on a frame. */
function evaluate(node: number, frame: number, value: Value, low: number, provisionalStart?: number): number {
  values.begin(node, viewer, frame)
  return end(node, frame, value, low, provisionalStart)
}

const lowOf = (node: number): number | undefined => values.provisional(node, viewer)?.low

describe('2.5 what is being evaluated', () => {
  it('is on its frame until it ends', () => {
    expect(values.frameOf(1, viewer)).toBe(-1)
    values.begin(1, viewer, 5)
    values.begin(2, viewer, 7)
    values.begin(1, editor, 9)
    expect([values.frameOf(1, viewer), values.frameOf(2, viewer), values.frameOf(1, editor)]).toEqual([5, 7, 9])
    expect(values.frameOf(2, editor)).toBe(-1)
    end(2, 7, TRUE, Infinity)
    expect([values.frameOf(1, viewer), values.frameOf(2, viewer), values.frameOf(1, editor)]).toEqual([5, -1, 9])
  })

  it('is nothing after a reset, which leaves what is final', () => {
    evaluate(1, 3, TRUE, Infinity)
    values.begin(2, viewer, 0)
    evaluate(3, 1, CYCLE, 0)
    values.reset()
    expect(values.frameOf(2, viewer)).toBe(-1)
    expect([values.provisional(3, viewer), values.provisionalCount]).toEqual([null, 0])
    expect(values.final(1, viewer)).toBe(TRUE)
  })
})

describe('6.5 what is final', () => {
  it.each<Value>([TRUE, FALSE])('is %s however it was found, and nothing that was found on the way', (value) => {
    evaluate(1, 3, CYCLE, 0)
    evaluate(2, 4, CYCLE, 1)
    expect(evaluate(3, 2, value, 0, 1)).toBe(Infinity)
    expect(values.final(3, viewer)).toBe(value)
    expect([values.final(3, editor), values.provisional(3, viewer)]).toEqual([undefined, null])
    expect([lowOf(1), lowOf(2), values.provisionalCount]).toEqual([0, undefined, 1])
  })

  it.each([2, 3, Infinity])('is a cycle that hangs on no frame below its own, 2: %s', (low) => {
    expect(evaluate(1, 2, CYCLE, low)).toBe(Infinity)
    expect([values.final(1, viewer), values.provisional(1, viewer)]).toEqual([CYCLE, null])
    expect(values.finalError(1, viewer)).toBeNull()
  })

  it('is with such a cycle what hung on it, but not what hung on more', () => {
    evaluate(1, 5, CYCLE, 0)
    evaluate(2, 6, CYCLE, 2)
    evaluate(3, 5, CYCLE, 1)
    evaluate(4, 4, ERROR, 3)
    expect(evaluate(5, 2, CYCLE, 2, 1)).toBe(Infinity)
    expect([1, 2, 3, 4, 5].map((node) => values.final(node, viewer))).toEqual([
      undefined,
      CYCLE,
      undefined,
      ERROR,
      CYCLE,
    ])
    expect([values.finalError(4, viewer), values.finalError(2, viewer)]).toEqual([problem, null])
    expect([1, 2, 3, 4, 5].map(lowOf)).toEqual([0, undefined, 1, undefined, undefined])
    expect(values.provisionalCount).toBe(2)
    expect(values.provisional(3, viewer)).toEqual({ node: 3, plan: 1, value: CYCLE, error: null, low: 1, start: 1 })
  })

  it('is an error, with its reason, but not what took it for a cycle', () => {
    evaluate(1, 5, CYCLE, 2)
    expect(evaluate(2, 2, ERROR, 2, 0)).toBe(Infinity)
    expect([values.final(2, viewer), values.finalError(2, viewer)]).toEqual([ERROR, problem])
    expect(values.finalError(2, editor)).toBeNull()
    expect([values.final(1, viewer), values.provisional(1, viewer), values.provisionalCount]).toEqual([
      undefined,
      null,
      0,
    ])
  })
})

describe('2.5 what hangs on an unfinished ancestor', () => {
  it('is known until the ancestor ends, with what it hangs on', () => {
    expect(evaluate(1, 4, CYCLE, 3)).toBe(3)
    expect(evaluate(2, 4, ERROR, 2)).toBe(2)
    expect(evaluate(3, 4, ERROR, -1)).toBe(-1)
    expect([1, 2, 3].map((node) => values.final(node, viewer))).toEqual([undefined, undefined, undefined])
    expect([1, 2, 3].map((node) => values.provisional(node, viewer)?.value)).toEqual([CYCLE, ERROR, ERROR])
    expect([1, 2, 3].map((node) => values.provisional(node, viewer)?.error)).toEqual([null, problem, problem])
    expect([1, 2, 3].map(lowOf)).toEqual([3, 2, -1])
    expect(values.provisional(1, editor)).toBeNull()
  })

  it('hangs on what the one hangs on that it was found on the way to, and on no less', () => {
    evaluate(1, 9, CYCLE, 6)
    evaluate(2, 8, CYCLE, 5)
    evaluate(3, 7, CYCLE, 3, 2)
    evaluate(4, 7, CYCLE, 6)
    evaluate(5, 6, CYCLE, 4, 1)
    expect([1, 2, 3, 4, 5].map(lowOf)).toEqual([6, 4, 3, 4, 4])
    evaluate(6, 5, CYCLE, 0, 0)
    expect([1, 2, 3, 4, 5, 6].map(lowOf)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('can be found again after it was forgotten', () => {
    evaluate(1, 4, CYCLE, 3)
    evaluate(2, 3, TRUE, Infinity, 0)
    expect([lowOf(1), values.final(1, viewer)]).toEqual([undefined, undefined])
    evaluate(1, 4, CYCLE, 2)
    expect(lowOf(1)).toBe(2)
  })
})
