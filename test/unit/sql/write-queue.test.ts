import { describe, expect, it, vi } from 'vitest'
import { GROUP_LIMIT, QUEUE_LIMIT } from '../../../services/common/sql/database.ts'
import { WriteQueue } from '../../../services/common/sql/write-queue.ts'
import { outcome } from './support.ts'

const noWake = (): void => undefined
const later = (): number => Date.now() + 60_000

describe('WriteQueue', () => {
  it('gives out groups in order, and no larger than the limit', () => {
    const queue = new WriteQueue()
    for (let index = 0; index < GROUP_LIMIT + 3; index++) void queue.add('c', index, later(), noWake)
    expect(queue.take().map(({ argument }) => argument)).toEqual(
      Array.from({ length: GROUP_LIMIT }, (_, index) => index),
    )
    expect(queue.take()).toHaveLength(3)
    expect(queue.take()).toEqual([])
  })

  it('is busy when too much waits in all queues of a database together, and free again after a group was taken', async () => {
    const waiting = { count: QUEUE_LIMIT - 1 }
    const [one, two] = [new WriteQueue(waiting), new WriteQueue(waiting)]
    void one.add('c', 1, later(), noWake)
    expect(await outcome(two.add('c', 2, later(), noWake))).toBe('BUSY')
    expect(await outcome(one.add('c', 3, later(), noWake))).toBe('BUSY')
    expect(one.take()).toHaveLength(1)
    void two.add('c', 4, later(), noWake)
    expect([one.depth, two.depth, waiting.count]).toEqual([0, 1, QUEUE_LIMIT])
  })

  it('answers each write at its deadline while nobody takes', async () => {
    vi.useFakeTimers()
    try {
      const queue = new WriteQueue()
      const answers: string[] = []
      const add = (name: string, milliseconds: number) => {
        const promise = queue.add('c', name, Date.now() + milliseconds, noWake)
        void outcome(promise).then((reason) => answers.push(`${name} ${reason}`))
      }
      add('slow', 5_000)
      add('quick', 100)
      add('middle', 1_000)
      await vi.advanceTimersByTimeAsync(150)
      expect(answers).toEqual(['quick UNAVAILABLE'])
      await vi.advanceTimersByTimeAsync(1_000)
      expect(answers).toEqual(['quick UNAVAILABLE', 'middle UNAVAILABLE'])
      expect(queue.take().map(({ argument }) => argument)).toEqual(['slow'])
      await vi.advanceTimersByTimeAsync(10_000)
      expect(answers).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('answers those that are late when a group is taken, and leaves them out', async () => {
    const queue = new WriteQueue()
    const late = outcome(queue.add('c', 'late', Date.now() - 1, noWake))
    void queue.add('c', 'in time', later(), noWake)
    expect(queue.take().map(({ argument }) => argument)).toEqual(['in time'])
    expect(await late).toBe('UNAVAILABLE')
  })

  it('refuses everything once closed', async () => {
    const queue = new WriteQueue()
    queue.close()
    expect(await outcome(queue.add('c', 1, later(), noWake))).toBe('UNAVAILABLE')
  })
})
