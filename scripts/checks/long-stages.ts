import { runProof } from './faults-run.ts'
import type { Tally } from './tally.ts'

/** A part of `npm run test:long`. */
export interface LongStage {
  readonly name: string
  /** @param minutes how long what is measured in time goes on; null: its own measure */
  run(minutes: number | null): Promise<Tally>
}

/** What takes minutes, and proves more for it. */
export const longStages: readonly LongStage[] = [
  'engine',
  'files',
  'fuzz',
  'load-sqlite',
  'kills-sqlite',
  'kills-postgres',
  'power-loss',
  'staleness',
  'revocation',
  'flood',
  'database-faults',
  'soak',
].map(faultsStage)

function faultsStage(name: string): LongStage {
  return { name, run: (minutes) => runProof(name, minutes) }
}
