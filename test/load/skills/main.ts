import { runBench } from '../run-bench.ts'
import { score } from './goals.ts'
import { listing } from './parts/listing.ts'
import { FULL, QUICK } from './sizes.ts'

await runBench(
  {
    name: 'bench-skills',
    title: 'Lists of skills against their goals',
    parts: { listing },
    full: FULL,
    quick: QUICK,
    score,
  },
  process.argv.slice(2),
)
