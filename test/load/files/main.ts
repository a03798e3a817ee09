import { runBench } from '../run-bench.ts'
import { score } from './goals.ts'
import { PARTS } from './parts/all.ts'
import { FULL, QUICK } from './sizes.ts'

await runBench(
  { name: 'bench-files', title: 'The file system against its goals', parts: PARTS, full: FULL, quick: QUICK, score },
  process.argv.slice(2),
)
