import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Answers one question, and ends; also when whoever asks is gone. */
const TIMER_MS = 10
const delay = monitorEventLoopDelay({ resolution: TIMER_MS })
delay.enable()
process.once('message', () => {
  delay.disable()
  process.send?.(Math.max(0, delay.percentile(99) / 1e6 - TIMER_MS), () => process.disconnect())
})
