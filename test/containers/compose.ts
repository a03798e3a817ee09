import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { auditLog } from '../waves/system/log-audit.ts'
import { IMAGES } from './images.ts'

const execute = promisify(execFile)

/** Standard output of a command of the engine. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await execute('docker', args)).stdout
}

/** A service of the compose files. */
type ServiceName = 'postgres' | 'rebac' | 'gateway'

/** A stack of docker-compose.yml under a name, ports and secrets of its own. */
export class ComposeProject implements AsyncDisposable {
  readonly name = `nexus-test-${randomUUID().slice(0, 8)}`
  readonly #files: readonly string[]
  readonly #secrets = mkdtempSync(join(tmpdir(), 'nexus-secrets-'))

  private constructor(files: readonly string[]) {
    this.#files = files
  }

  /** `docker compose up --wait`, with secrets made as the README says. */
  static async up(...files: readonly string[]): Promise<ComposeProject> {
    const project = new ComposeProject(files)
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

  /** Of a gateway, counted from 1; another one after each start of its container. */
  async url(gateway = 1): Promise<string> {
    return `http://${(await this.run('port', '--index', String(gateway), 'gateway', '8080')).trim()}`
  }

  /** Ids of the containers of a service, in the order of their numbers. */
  async containers(service: ServiceName): Promise<readonly string[]> {
    const lines = (await this.run('ps', '--all', '--format', '{{.Name}} {{.ID}}', service)).trim().split('\n')
    return lines.toSorted().map((line) => line.split(' ')[1] ?? '')
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
    const { stdout } = await execute('docker', ['compose', '-p', this.name, ...files, ...args], {
      env: {
        ...process.env,
        NEXUS_GATEWAY_IMAGE: IMAGES.gateway,
        NEXUS_REBAC_IMAGE: IMAGES.rebac,
        NEXUS_PUBLISHED_PORT: '0',
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
