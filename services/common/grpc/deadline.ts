import type { Deadline } from '@grpc/grpc-js'
import { NexusError } from '../errors/nexus-error.ts'

/** A gRPC deadline as milliseconds since 1970; callers without one get the default, and none waits for ever. */
export function deadlineOf(deadline: Deadline, now: number, defaultMs: number): number {
  const time = typeof deadline === 'number' ? deadline : deadline.getTime()
  return Number.isFinite(time) ? time : now + defaultMs
}

/**
 * Settles as the promise does, or fails when the deadline passes first. What goes on behind the promise goes on.
 * @throws NexusError DEADLINE_EXCEEDED
 */
export async function withDeadline<T>(promise: Promise<T>, deadline: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new NexusError('DEADLINE_EXCEEDED', 'There was no answer within the deadline.'))
    timer = setTimeout(fail, Math.max(0, deadline - Date.now()))
  })
  try {
    return await Promise.race([promise, expiry])
  } finally {
    clearTimeout(timer)
  }
}
