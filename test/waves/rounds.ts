import { setTimeout as sleep } from 'node:timers/promises'
import { type Wave, type WaveCall, WAVES } from './calls.ts'
import type { Answer, WaveClient } from './client.ts'
import { judge } from './judge.ts'
import { WaveRecorder } from './recorder.ts'
import type { Reference } from './reference.ts'
import { usersOf, type WaveTarget, type WaveUser } from './target.ts'

export interface RoundOptions {
  /** Each call so often at once, for each user. */
  readonly scale: number
  readonly rounds: number
  /** Whether "503, come back after n seconds" is an answer; it is tried again then. */
  readonly allowUnavailable: boolean
  /** Told after every wave. */
  onProgress(progress: RoundProgress): void
}

export interface RoundProgress {
  readonly round: number
  readonly wave: number
  readonly calls: number
  readonly failures: number
}

/** A call that is put off for longer than this has failed, in milliseconds. */
const RETRY_LIMIT_MS = 60_000

/** Runs the seven waves, one after another, as often as asked; all calls of a wave are made at once. */
export async function runRounds(
  client: WaveClient,
  target: WaveTarget,
  reference: Reference,
  options: RoundOptions,
): Promise<WaveRecorder[]> {
  const recorders = WAVES.map((wave) => new WaveRecorder(wave))
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [index, wave] of WAVES.entries()) {
      const recorder = recorders[index]
      if (recorder === undefined) continue
      await runWave(
        { client, reference, recorder, allowUnavailable: options.allowUnavailable },
        wave,
        target,
        options.scale,
      )
      const total = (pick: (recorder: WaveRecorder) => number): number =>
        recorders.reduce((sum, one) => sum + pick(one), 0)
      options.onProgress({
        round,
        wave: wave.number,
        calls: total((one) => one.calls),
        failures: total((one) => one.failures),
      })
    }
  }
  return recorders
}

interface WaveRun {
  readonly client: WaveClient
  readonly reference: Reference
  readonly recorder: WaveRecorder
  readonly allowUnavailable: boolean
}

async function runWave(run: WaveRun, wave: Wave, target: WaveTarget, scale: number): Promise<void> {
  const calls: Promise<void>[] = []
  for (let copy = 0; copy < scale; copy += 1) {
    for (const call of wave.calls) {
      for (const user of usersOf(target)) calls.push(makeCall(run, user, call))
    }
  }
  await Promise.all(calls)
}

async function makeCall(run: WaveRun, user: WaveUser, call: WaveCall): Promise<void> {
  const started = performance.now()
  try {
    const answer = await answerOf(run, user, call, started)
    run.recorder.answered(answer.ms)
    const problem = judge(call, answer, run.reference.of(user, call))
    if (problem !== null) run.recorder.failed(`${call.method} (${call.id}) of ${user.name}: ${problem}`)
  } catch (error) {
    run.recorder.answered(performance.now() - started)
    run.recorder.failed(
      `${call.method} (${call.id}) of ${user.name}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** The first answer that is not "unavailable"; those are waited out where they are allowed. */
async function answerOf(run: WaveRun, user: WaveUser, call: WaveCall, started: number): Promise<Answer> {
  for (;;) {
    const answer = await run.client.rpc(user.key, call.method, call.params, call.id)
    const putOff = answer.status === 503 && answer.retryAfterSeconds !== null
    if (!putOff || !run.allowUnavailable || performance.now() - started > RETRY_LIMIT_MS) return answer
    run.recorder.retried()
    await sleep((answer.retryAfterSeconds ?? 1) * 1_000)
  }
}
