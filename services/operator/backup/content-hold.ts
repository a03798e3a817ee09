import BetterSqlite3 from 'better-sqlite3'
import { contentCommands } from '../../../gateway/content/commands.ts'
import { describeError, NexusError } from '../../common/errors/nexus-error.ts'
import { runScript } from '../../common/sql/run-script.ts'
import { SqliteStatements } from '../../common/sql/sqlite/statements.ts'

/** How long a hold lasts that nobody extends, and how often it is extended, in milliseconds. */
const HOLD_MS = 600_000
const EXTEND_MS = 60_000
const LOCK_WAIT_MS = 10_000

/** Keeps the gateway's collector from deleting any content, until it is closed or this process has been dead for long. */
export class ContentHold {
  readonly #database: BetterSqlite3.Database
  readonly #timer: NodeJS.Timeout

  /** @throws NexusError UNAVAILABLE */
  constructor(gatewayFile: string) {
    this.#database = new BetterSqlite3(gatewayFile, { fileMustExist: true, timeout: LOCK_WAIT_MS })
    try {
      this.#extend()
    } catch (error) {
      this.#database.close()
      const message = `The database ${gatewayFile} takes no note of the backup (${describeError(error)}): check that this user may write it, and that it is not locked.`
      throw new NexusError('UNAVAILABLE', message, { cause: error })
    }
    this.#timer = setInterval(() => {
      try {
        this.#extend()
      } catch {
        // There are nine more tries before it ends, and each content is checked when it is copied.
      }
    }, EXTEND_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    try {
      forgetHold(this.#database)
    } catch {
      // It ends by itself.
    } finally {
      this.#database.close()
    }
  }

  #extend(): void {
    const script = contentCommands.holdContents({ until: Date.now() + HOLD_MS })
    runScript(script, new SqliteStatements(this.#database).execute)
  }
}

/** In the copy nothing is to be held. */
export function forgetHold(gateway: BetterSqlite3.Database): void {
  runScript(contentCommands.releaseContents(null), new SqliteStatements(gateway).execute)
}
