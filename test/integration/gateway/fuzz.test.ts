import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FuzzedSystem } from '../../support/fuzz/fuzz-system.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const SEED = 20_251
const RUNS = 500

describe.each(ENGINES)('requests of all kinds on %s', (engine) => {
  let system: TestSystem
  let fuzzed: FuzzedSystem

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    fuzzed = await FuzzedSystem.create(system)
  })
  afterAll(async () => {
    fuzzed.close()
    await system.close()
  })

  it('are answered or refused, and show and change nothing that is not theirs', async () => {
    await expect(fuzzed.run({ seed: SEED, runs: RUNS })).resolves.toBeUndefined()
  })
})
