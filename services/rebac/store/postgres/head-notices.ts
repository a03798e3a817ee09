import { PostgresChannel } from '../../../common/sql/postgres/channel.ts'
import type { HeadNotices } from '../../tenants/head-notices.ts'

const CHANNEL = 'nexus_rebac_heads'
const PAYLOAD = /^([a-z0-9][a-z0-9_-]{0,62}):(\d{1,15})$/

/** Notices by LISTEN and NOTIFY. While one message is on its way, only the newest revision of each tenant waits. */
export class PostgresHeadNotices implements HeadNotices {
  readonly #channel: PostgresChannel
  readonly #onError: (error: unknown) => void
  #waiting = new Map<string, number>()
  #sending: Promise<void> | null = null
  #onHead: (tenant: string, revision: number) => void = () => {}
  #onGap: () => void = () => {}

  constructor(url: string, onError: (error: unknown) => void) {
    this.#onError = onError
    this.#channel = new PostgresChannel({
      url,
      channel: CHANNEL,
      applicationName: 'nexus-rebac-notices',
      onMessage: (payload) => this.#receive(payload),
      onConnected: () => this.#onGap(),
      onError,
    })
  }

  announce(tenant: string, revision: number): void {
    this.#waiting.set(tenant, Math.max(revision, this.#waiting.get(tenant) ?? 0))
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null
    })
  }

  listen(onHead: (tenant: string, revision: number) => void, onGap: () => void): void {
    this.#onHead = onHead
    this.#onGap = onGap
  }

  async close(): Promise<void> {
    await this.#sending
    await this.#channel.close()
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0) {
      const payloads = Array.from(this.#waiting, ([tenant, revision]) => `${tenant}:${revision}`)
      this.#waiting = new Map()
      try {
        await this.#channel.send(payloads)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  #receive(payload: string): void {
    const [, tenant, revision] = PAYLOAD.exec(payload) ?? []
    if (tenant !== undefined) this.#onHead(tenant, Number(revision))
  }
}
