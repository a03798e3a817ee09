import { describe, expect, it } from 'vitest'
import { Slots } from '../../../gateway/slots.ts'

const later = () => Date.now() + 10_000

describe('slots', () => {
  it('let as many in as there are, and the others in their order', async () => {
    const slots = new Slots(2, 'searches')
    const inside: number[] = []
    const enter = async (who: number) => {
      await slots.enter(later())
      inside.push(who)
    }
    const all = [1, 2, 3, 4].map(enter)
    await Promise.all(all.slice(0, 2))
    expect(inside).toEqual([1, 2])
    slots.leave()
    await all[2]
    expect(inside).toEqual([1, 2, 3])
    slots.leave()
    await all[3]
    slots.leave()
    slots.leave()
    await enter(5)
    expect(inside).toEqual([1, 2, 3, 4, 5])
  })

  it('who waits until the deadline is told, and takes no slot', async () => {
    const slots = new Slots(1, 'searches')
    await slots.enter(later())
    await expect(slots.enter(Date.now() + 5)).rejects.toMatchObject({ reason: 'BUSY' })
    const next = slots.enter(later())
    slots.leave()
    await next
    expect(await Promise.race([slots.enter(Date.now() + 5).catch(() => 'none'), next.then(() => null)])).toBeNull()
  })
})
