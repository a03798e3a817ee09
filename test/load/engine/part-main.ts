import { PARTS, type PartName } from './parts/all.ts'
import type { FromPart, PartOrder } from './run-part.ts'

/** One part of the benchmark in a process of its own: what the others left in the heap does not slow it down. */
process.once('message', (order: PartOrder) => {
  void run(PARTS[order.name as PartName], order)
})

async function run(part: (typeof PARTS)[PartName], { sizes }: PartOrder): Promise<void> {
  try {
    send({ kind: 'result', result: await part(sizes, (text) => send({ kind: 'progress', text })) })
  } catch (error) {
    send({ kind: 'failed', text: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  process.disconnect()
}

function send(message: FromPart): void {
  process.send?.(message)
}
