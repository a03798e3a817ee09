import type { Proof } from '../proof.ts'
import { killProof } from './kills.ts'

/** Every proof that needs no containers, in the order of docs/reliability.md. */
export const proofs: readonly Proof[] = [killProof('sqlite'), killProof('postgres')]
