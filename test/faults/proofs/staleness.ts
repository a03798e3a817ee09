import type { CheckBulkRequest } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import { TestClient } from '../../integration/rebac/support/client.ts'
import { bulkRequest, operation } from '../../integration/rebac/support/wire.ts'
import { quantile } from '../../waves/recorder.ts'
import type { Outcome, Problems, Proof, Scale } from '../proof.ts'
import { type Member, REBAC_TOKEN } from '../system/cluster.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const REPLICAS = 3
const WRITES = { fast: 2_000, full: 100_000 }
/** Relationships of one request: one that stays, one for the next request to revoke, and what makes it a load. */
const BATCH = 100
const ALLOWED = 2

/** What the writer has been told is stored. */
interface Head {
  readonly batch: number
  readonly token: string
  readonly acknowledgedAt: number
}

/** Facts that never become untrue again, so that whoever knows more than the token says does not look wrong. */
const KEPT = (batch: number) => `/kept/${batch}`
const REVOKED = (batch: number) => `/revoked/${batch}`

/** One writer on one replica; on each replica a reader with tokens, and one that takes what is there. */
export const stalenessProof: Proof = {
  name: 'staleness',
  promise: 'three replicas follow one writer: an answer to a token is never older than the token',
  run: (scale, say) =>
    inSandbox({ engine: 'postgres', rebacs: REPLICAS, say }, (sandbox) => proveFreshness(sandbox, scale)),
}

async function proveFreshness({ cluster, problems }: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const writes = scale.fast ? WRITES.fast : WRITES.full
  const log = new WriteLog(writes / BATCH)
  const writing = log.write(cluster.rebac(0))
  const [tokens, behind] = await Promise.all([
    Promise.all(cluster.rebacs.map((member) => readWithTokens(member, log, problems))),
    Promise.all(cluster.rebacs.slice(1).map((member) => readWithoutTokens(member, log))),
    writing,
  ])
  const delays = behind.flat().toSorted((one, two) => one - two)
  problems.addAll(cluster.auditLogs())
  problems.expect(delays.length > 0 && tokens.every(({ answers }) => answers > 0), 'a reader has read nothing')
  return {
    writes,
    'answers with a token': tokens.reduce((sum, { answers }) => sum + answers, 0),
    'stale answers with a token': tokens.reduce((sum, { stale }) => sum + stale, 0),
    'writes that were watched for without a token': delays.length,
    'behind without a token, ms': `p50 ${quantile(delays, 0.5).toFixed(1)}, p99 ${quantile(delays, 0.99).toFixed(1)}`,
  }
}

interface TokenFigures {
  readonly answers: number
  readonly stale: number
}

/** Writes batch after batch, and lets readers wait for the next one. */
class WriteLog {
  readonly #batches: number
  #head: Head | null = null
  #next = Promise.withResolvers<Head | null>()

  constructor(batches: number) {
    this.#batches = batches
  }

  async write(member: Member): Promise<void> {
    const client = new TestClient(member.address, REBAC_TOKEN)
    try {
      for (let batch = 1; batch <= this.#batches; batch += 1) {
        const { token } = await client.write({ operations: operationsOf(batch) })
        this.#advance({ batch, token, acknowledgedAt: performance.now() })
      }
    } finally {
      this.#advance(null)
      client.close()
    }
  }

  /** The newest write, once it is newer than that batch; null when there will be none. */
  after(batch: number): Promise<Head | null> {
    return this.#head !== null && this.#head.batch > batch ? Promise.resolve(this.#head) : this.#next.promise
  }

  #advance(head: Head | null): void {
    this.#head = head
    const { resolve } = this.#next
    if (head !== null) this.#next = Promise.withResolvers()
    resolve(head)
  }
}

function operationsOf(batch: number) {
  const grant = (path: string) => `file:${path}#direct_viewer@user:alice`
  const fillers = Array.from({ length: BATCH - 3 }, (_, index) => operation('touch', grant(`/load/${batch}/${index}`)))
  const revoked = operation('deleteIfExists', grant(REVOKED(batch - 1)))
  return [...fillers, operation('touch', grant(KEPT(batch))), operation('touch', grant(REVOKED(batch))), revoked]
}

/** Asks with each token that it comes to hear of. */
async function readWithTokens(member: Member, log: WriteLog, problems: Problems): Promise<TokenFigures> {
  const client = new TestClient(member.address, REBAC_TOKEN)
  const figures = { answers: 0, stale: 0 }
  for (let head = await log.after(0); head !== null; head = await log.after(head.batch)) {
    const { batch, token } = head
    const [kept, revoked] = await ask(client, batch, { requirement: { $case: 'atLeastAsFresh', value: token } })
    figures.answers += 2
    if (kept === true && revoked === false) continue
    figures.stale += 1
    problems.add(`${member.name} was shown the token of write ${batch}, and says kept: ${kept}, revoked: ${revoked}`)
  }
  client.close()
  return figures
}

/** How long after its acknowledgement each write is seen by a reader that sends no token, in milliseconds. */
async function readWithoutTokens(member: Member, log: WriteLog): Promise<number[]> {
  const client = new TestClient(member.address, REBAC_TOKEN)
  const behind: number[] = []
  for (let head = await log.after(0); head !== null; head = await log.after(head.batch)) {
    let asked = 0
    let seen: boolean | undefined
    while (seen !== true) {
      asked = performance.now()
      seen = (await ask(client, head.batch, { requirement: { $case: 'minimizeLatency', value: true } }))[0]
    }
    behind.push(asked - head.acknowledgedAt)
  }
  client.close()
  return behind
}

async function ask(
  client: TestClient,
  batch: number,
  consistency: CheckBulkRequest['consistency'],
): Promise<(boolean | undefined)[]> {
  const questions = [KEPT(batch), REVOKED(batch - 1)].map((path) => `user:alice read file:${path}`)
  const { results } = await client.checkBulk(bulkRequest(questions, { consistency }))
  return results.map(({ outcome }) => (outcome?.$case === 'decision' ? outcome.value === ALLOWED : undefined))
}
