import { type WaveCall, WAVES } from './calls.ts'
import type { WaveClient } from './client.ts'
import { judge, judgeShape } from './judge.ts'
import { usersOf, type WaveTarget, type WaveUser } from './target.ts'

/** What every call answers when nothing else runs: the measure of all later answers. */
export class Reference {
  readonly #texts = new Map<string, string>()

  of(user: WaveUser, call: WaveCall): string {
    const text = this.#texts.get(keyOf(user, call))
    if (text === undefined) throw new Error(`no reference for ${call.method} of ${user.name}`)
    return text
  }

  set(user: WaveUser, call: WaveCall, text: string): void {
    this.#texts.set(keyOf(user, call), text)
  }
}

function keyOf(user: WaveUser, call: WaveCall): string {
  return `${user.name} ${call.id}`
}

/** Makes every call once, one after another. */
export async function takeReference(
  client: WaveClient,
  target: WaveTarget,
): Promise<{ reference: Reference; problems: string[] }> {
  const reference = new Reference()
  const problems: string[] = []
  for (const { user, call } of everyCall(target)) {
    const answer = await client.rpc(user.key, call.method, call.params, call.id)
    const problem = judgeShape(call, answer)
    if (problem !== null) problems.push(`alone, ${call.method} (${call.id}) of ${user.name}: ${problem}`)
    reference.set(user, call, answer.text)
  }
  return { reference, problems }
}

/** Makes every call once more, one after another; the problems, in words. */
export async function compareSerially(client: WaveClient, target: WaveTarget, reference: Reference): Promise<string[]> {
  const problems: string[] = []
  for (const { user, call } of everyCall(target)) {
    const answer = await client.rpc(user.key, call.method, call.params, call.id)
    const problem = judge(call, answer, reference.of(user, call))
    if (problem !== null) problems.push(`alone again, ${call.method} (${call.id}) of ${user.name}: ${problem}`)
  }
  return problems
}

function everyCall(target: WaveTarget): { user: WaveUser; call: WaveCall }[] {
  return usersOf(target).flatMap((user) => WAVES.flatMap((wave) => wave.calls.map((call) => ({ user, call }))))
}
