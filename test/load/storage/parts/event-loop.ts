import { mixedLoadProof } from '../../../faults/proofs/mixed-load.ts'
import type { Part } from '../../part.ts'
import type { Sizes } from '../sizes.ts'

const DELAY = /^event-loop delay p99 of (?<name>.+), ms$/

/** How late the event loops of both processes are while 64 clients read and write and somebody locks the databases. */
export const eventLoop: Part<Sizes> = async ({ shortLoad }, say) => {
  const { figures } = await mixedLoadProof.run({ fast: shortLoad, minutes: null, reportDir: 'reports' }, say)
  const delays = Object.entries(figures).flatMap(([name, value]) => {
    const process = DELAY.exec(name)?.groups?.['name']
    return process === undefined ? [] : [{ process, ms: Number(value) }]
  })
  if (delays.length === 0) throw new Error('the load did not say how late the event loops were')
  return {
    figures: { event_loop_p99_ms: Math.max(...delays.map(({ ms }) => ms)) },
    notes: [`event-loop delay p99, ms: ${delays.map(({ process, ms }) => `${process} ${ms}`).join(', ')}`],
  }
}
