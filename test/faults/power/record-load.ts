import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileLoad } from '../load/file-load.ts'
import type { Ledger } from '../load/ledger.ts'
import type { Sandbox } from '../system/sandbox.ts'
import { differences, readFolder } from './folder.ts'
import { Gate } from './gate.ts'
import { losePower } from './lose-power.ts'
import { Recording } from './recording.ts'
import { Strace } from './strace.ts'

const WORKERS = 8
/** Work in spells, so that databases are also written while their logs are moved into them. In milliseconds. */
const WORK_MS = 3_000
const REST_MS = 2_500

export interface RecordedLoad {
  readonly recording: Recording
  readonly ledger: Ledger
  /** When the load began, in milliseconds since 1970. */
  readonly begun: number
}

/** Records what both processes do to their files while files are written, shared and deleted; then stops the system. */
export async function recordLoad({ cluster, folder, problems, say }: Sandbox, spells: number): Promise<RecordedLoad> {
  const gate = new Gate()
  const pass = () => gate.pass()
  const load = await FileLoad.create({
    urls: [cluster.url],
    workers: WORKERS,
    problems,
    faults: false,
    keepsPast: true,
    gate: pass,
  })
  await sleep(REST_MS)
  const data = join(folder, 'data')
  const trace = join(folder, 'trace')
  const pids = cluster.members.map(({ process }) => process.pid)
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => pids.forEach((pid) => process.kill(pid, name))
  signal('SIGSTOP')
  const base = readFolder(data)
  const strace = await Strace.attach(pids, trace)
  signal('SIGCONT')
  const begun = Date.now()
  const stop = new AbortController()
  const running = load.run(stop.signal)
  for (let spell = 1; spell <= spells; spell += 1) {
    await sleep(WORK_MS)
    gate.shut()
    if (spell === spells) stop.abort()
    await sleep(REST_MS)
    gate.open()
  }
  await running
  signal('SIGSTOP')
  const end = readFolder(data)
  await strace.detach()
  signal('SIGCONT')
  problems.addAll(await cluster.stop())
  const recording = await Recording.read(trace, data, base)
  const rebuilt = losePower(recording, { place: Infinity, survives: () => true })
  const wrong = differences(rebuilt, end)
  if (wrong.length > 0) throw new Error(`the recording is not whole: ${wrong.slice(0, 5).join(', ')}`)
  say(`${load.ledger.acknowledged} acknowledged writes, ${recording.syncs.length} syncs; the recording is whole`)
  return { recording, ledger: load.ledger, begun }
}
