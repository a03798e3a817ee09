import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareHistories } from '../../support/file-model/histories.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const SEED = 20_251
const RUNS = 12

describe.each(ENGINES)('the file system against its model on %s', (engine) => {
  let system: TestSystem

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
  })
  afterAll(() => system.close())

  it('answers every call of random histories as the model does', async () => {
    const compared = await compareHistories(system, { seed: SEED, runs: RUNS, name: 'history' })
    expect(compared).toBeGreaterThan(RUNS)
  })
})
