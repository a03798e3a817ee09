import { databaseFaultsProof } from './database-faults.ts'
import { engineProof } from './engine.ts'
import { filesProof } from './files.ts'
import type { Proof } from '../proof.ts'
import { killProof } from './kills.ts'
import { floodProof } from './flood.ts'
import { fuzzProof } from './fuzz.ts'
import { mixedLoadProof } from './mixed-load.ts'
import { powerLossProof } from './power-loss.ts'
import { revocationProof } from './revocation.ts'
import { soakProof } from './soak.ts'
import { stalenessProof } from './staleness.ts'

/** Every proof that needs no containers, in the order of docs/reliability.md. */
export const proofs: readonly Proof[] = [
  engineProof,
  filesProof,
  fuzzProof,
  mixedLoadProof,
  killProof('sqlite'),
  killProof('postgres'),
  powerLossProof,
  stalenessProof,
  revocationProof,
  floodProof,
  databaseFaultsProof,
  soakProof,
]
