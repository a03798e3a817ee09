import { EventEmitter } from 'node:events'
import type { Response } from 'express'
import { describe, expect, it } from 'vitest'
import { LargeAnswers } from '../../../gateway/http/large-answers.ts'

const soon = () => Date.now() + 60_000

class FakeResponse extends EventEmitter {
  destroyed = false

  close(): void {
    this.destroyed = true
    this.emit('close')
  }
}

function call(answers: LargeAnswers, deadline = soon()) {
  const response = new FakeResponse()
  return { response, enter: answers.placeFor(response as unknown as Response, deadline) }
}

describe('large answers', () => {
  it('are four at once, each until it was taken', async () => {
    const answers = new LargeAnswers()
    const calls = [1, 2, 3, 4].map(() => call(answers))
    // As often as it likes.
    for (const { enter } of [...calls, ...calls]) await enter()
    const fifth = call(answers)
    let isIn = false
    const entering = fifth.enter().then(() => (isIn = true))
    await expect(call(answers, Date.now()).enter()).rejects.toMatchObject({ reason: 'BUSY' })
    expect(isIn).toBe(false)
    calls[2]?.response.close()
    await entering
    await expect(call(answers, Date.now()).enter()).rejects.toMatchObject({ reason: 'BUSY' })
  })

  it('of callers who went away while they waited take no place', async () => {
    const answers = new LargeAnswers()
    const calls = [1, 2, 3, 4].map(() => call(answers))
    for (const { enter } of calls) await enter()
    const waiting = call(answers)
    const entering = waiting.enter()
    const next = call(answers)
    const nextEntering = next.enter()
    waiting.response.close()
    calls[0]?.response.close()
    await expect(entering).rejects.toMatchObject({ reason: 'CANCELLED' })
    await nextEntering
  })
})
