import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const CONTENDER = fileURLToPath(new URL('./support/own-file.ts', import.meta.url))
const ROUNDS = 100
/** Both contenders are ready by then, in milliseconds; one that is late only makes the contest less close. */
const START_MS = 150

interface Contender {
  readonly child: ChildProcess
  /** `owner`, or the reason why not. */
  readonly said: Promise<string>
}

function start(file: string, startAt: number): Contender {
  const args = ['--disable-warning=ExperimentalWarning', CONTENDER, file, `${startAt}`]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = once(child.stdout, 'data').then(([chunk]) => String(chunk).trim())
  return { child, said }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

it(`two processes started on one SQLite file at once, ${ROUNDS} times: exactly one owns it, and kill -9 leaves no lock`, {
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-ownership-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const tally = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const startAt = Date.now() + START_MS
    // The same file in each round: the lock of the last owner, who was killed, is stale.
    const both = [start(join(folder, 'rebac.db'), startAt), start(join(folder, 'rebac.db'), startAt)]
    onTestFinished(() => Promise.all(both.map(({ child }) => kill(child))).then(() => undefined))
    const outcome = (await Promise.all(both.map(({ said }) => said))).toSorted().join(' and ')
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
    await Promise.all(both.map(({ child }) => kill(child)))
  }
  process.stderr.write(`ownership (lock only), ${ROUNDS} rounds: ${JSON.stringify(Object.fromEntries(tally))}\n`)
  expect(Object.fromEntries(tally)).toEqual({ 'DATABASE_OWNED and owner': ROUNDS })
})
