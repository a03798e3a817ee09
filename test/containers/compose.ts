import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../waves/system/ports.ts'
import { auditLog } from '../waves/system/log-audit.ts'
import { IMAGES } from './images.ts'

const execute = promisify(execFile)

/** A stack of docker-compose.yml under a name, a port and secrets of its own. */
export class ComposeProject implements AsyncDisposable {
  readonly url: string
  readonly #project = `nexus-test-${randomUUID().slice(0, 8)}`
  readonly #files: readonly string[]
  readonly #secrets = mkdtempSync(join(tmpdir(), 'nexus-secrets-'))
  readonly #port: number

  private constructor(files: readonly string[], port: number) {
    this.#files = files
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** `docker compose up --wait`, with secrets made as the README says. */
  static async up(...files: readonly string[]): Promise<ComposeProject> {
    const [port = 0] = await freePorts(1)
    const project = new ComposeProject(files, port)
    try {
      await execute(process.execPath, ['scripts/make-secrets.mjs', project.#secrets])
      await project.run('up', '--wait', '--no-build', '--wait-timeout', '180')
      return project
    } catch (error) {
      const logs = await project.run('logs', '--no-color', '--tail', '30').catch(() => '')
      await project[Symbol.asyncDispose]()
      throw new Error(`docker compose up failed:\n${logs}`, { cause: error })
    }
  }

  get adminKey(): string {
    return readFileSync(join(this.#secrets, 'admin_key'), 'utf8').trim()
  }

  /** What the logs of both processes hold that they should not. */
  async auditLogs(): Promise<string[]> {
    const texts = await Promise.all(
      ['rebac', 'gateway'].map((name) => this.run('logs', '--no-color', '--no-log-prefix', name)),
    )
    return texts.flatMap((text, index) => auditLog(index === 0 ? 'rebac' : 'gateway', text))
  }

  /** Standard output of a compose command. */
  async run(...args: readonly string[]): Promise<string> {
    const files = this.#files.flatMap((file) => ['-f', file])
    const { stdout } = await execute('docker', ['compose', '-p', this.#project, ...files, ...args], {
      env: {
        ...process.env,
        NEXUS_GATEWAY_IMAGE: IMAGES.gateway,
        NEXUS_REBAC_IMAGE: IMAGES.rebac,
        NEXUS_PUBLISHED_PORT: String(this.#port),
        NEXUS_SECRETS: this.#secrets,
      },
      maxBuffer: 64 * 1_048_576,
    })
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run('down', '--volumes', '--timeout', '20')
    rmSync(this.#secrets, { recursive: true, force: true })
  }
}
