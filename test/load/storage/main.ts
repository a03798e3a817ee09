import { runBench } from '../run-bench.ts'
import { score } from './goals.ts'
import { PARTS } from './parts/all.ts'
import { FULL, QUICK } from './sizes.ts'

await runBench(
  { name: 'bench-storage', title: 'Storage against its goals', parts: PARTS, full: FULL, quick: QUICK, score },
  process.argv.slice(2),
)
