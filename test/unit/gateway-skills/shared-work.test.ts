import { expect, it } from 'vitest'
import { SharedWork } from '../../../gateway/shared-work.ts'

it('whoever comes while work runs gets the next one, with all who came meanwhile', async () => {
  const shared = new SharedWork<number>()
  const gates: (() => void)[] = []
  let begun = 0
  const work = async (): Promise<number> => {
    const number = ++begun
    await new Promise<void>((resolve) => gates.push(resolve))
    return number
  }
  const first = [shared.do('a', 1, work), shared.do('a', 2, work)]
  await expect.poll(() => gates.length).toBe(1)
  const second = [shared.do('a', 3, work), shared.do('a', 4, work)]
  const other = shared.do('b', 1, work)
  await expect.poll(() => gates.length).toBe(2)
  gates[0]?.()
  expect(await Promise.all(first)).toEqual([1, 1])
  await expect.poll(() => gates.length).toBe(3)
  gates[1]?.()
  gates[2]?.()
  expect(await Promise.all([...second, other])).toEqual([3, 3, 2])
})

it('an error goes to all who shared the work, and to nobody else', async () => {
  const shared = new SharedWork<string>()
  const fail = () => Promise.reject(new Error('no'))
  const both = await Promise.allSettled([shared.do('a', 1, fail), shared.do('a', 1, fail)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared.do('a', 1, () => Promise.resolve('yes'))).toBe('yes')
})
