import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { withHugePages } from '../../../services/common/process/huge-pages.ts'
import type { PartResult } from '../part.ts'
import type { Sizes } from './sizes.ts'

const MAIN = fileURLToPath(new URL('./part-main.ts', import.meta.url))
/** A million relationships as objects, before they are in the graph, and room for the collector. */
const HEAP_MB = 6_144

/** What the process of a part is told. */
export interface PartOrder {
  readonly name: string
  readonly sizes: Sizes
}

/** What it says. */
export type FromPart =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'result'; readonly result: PartResult }
  | { readonly kind: 'failed'; readonly text: string }

/**
 * Runs one part in a process of its own.
 * @throws Error if an answer was wrong, or the process ended without a result
 */
export function runPart(order: PartOrder, say: (line: string) => void): Promise<PartResult> {
  const child = fork(MAIN, [], {
    // As the launcher and the image start the permission service.
    env: { ...withHugePages(process.env) },
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc', `--max-old-space-size=${HEAP_MB}`],
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromPart) => {
      if (message.kind === 'progress') say(message.text)
      else if (message.kind === 'result') resolve(message.result)
      else reject(new Error(message.text))
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`the part "${order.name}" ended with ${signal ?? code}`)))
    child.send(order)
  })
}
