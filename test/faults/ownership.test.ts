import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const CONTENDER = fileURLToPath(new URL('./support/own-file.ts', import.meta.url))
const ROUNDS = 100
/** Rounds of one pair of processes; the owner of the last one is killed. */
const ROUNDS_OF_A_PAIR = 20
/** From being told to trying, in milliseconds: both have read it by then. */
const NOTICE_MS = 10

/** A process that tries to own a file. */
class Contender {
  readonly #child: ChildProcessWithoutNullStreams

  constructor(file: string) {
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CONTENDER, file])
    onTestFinished(() => this.kill())
  }

  /** `owner`, or the reason why not. */
  async tries(at: number): Promise<string> {
    const answer = once(this.#child.stdout, 'data')
    this.#child.stdin.write(`try ${at}\n`)
    return String((await answer)[0]).trim()
  }

  release(): void {
    this.#child.stdin.write('release\n')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

it(`two processes ask for one SQLite file at once, ${ROUNDS} times: exactly one owns it, and kill -9 leaves no lock`, {
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-ownership-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'rebac.db')
  const tally: Record<string, number> = {}
  let killed = 0
  for (let round = 0; round < ROUNDS; round += ROUNDS_OF_A_PAIR) {
    const pair = [new Contender(file), new Contender(file)]
    for (let turn = 0; turn < ROUNDS_OF_A_PAIR; turn++) {
      for (const contender of pair) contender.release()
      // In the first turn of a later pair the lock on the file is that of an owner who was killed.
      const at = Date.now() + NOTICE_MS
      const outcome = (await Promise.all(pair.map((contender) => contender.tries(at)))).toSorted().join(' and ')
      tally[outcome] = (tally[outcome] ?? 0) + 1
    }
    await Promise.all(pair.map((contender) => contender.kill()))
    killed++
  }
  process.stderr.write(`ownership, ${ROUNDS} rounds, ${killed} owners killed: ${JSON.stringify(tally)}\n`)
  expect(tally).toEqual({ 'DATABASE_OWNED and owner': ROUNDS })
})
