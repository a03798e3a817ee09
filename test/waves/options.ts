import { parseArgs } from 'node:util'

/** What the command line asked for. */
export interface WavesCommand {
  /** null: the system at `url`. */
  readonly database: 'sqlite' | 'postgres' | null
  readonly url: string | null
  readonly key: string | undefined
  readonly aliceKey: string | undefined
  readonly scale: number
  readonly rounds: number
  readonly connections: number
  readonly killRebac: boolean
  readonly reportDir: string
  readonly keep: boolean
}

export const USAGE = `npm run waves -- [options]

  --db sqlite|postgres   start the system on a fresh data directory with this database (sqlite)
  --url URL              use a system that runs already, and has the demo data
  --key KEY              its administrator's key        (the demo's)
  --alice-key KEY        its ordinary account's key     (the demo's)
  --scale N              make each call so often at once, for each of the two users (10)
  --rounds N             repeat the seven waves so often (1)
  --connections N        requests in flight at most (256)
  --kill-rebac           SIGKILL the permission service meanwhile, again and again
  --report DIR           where the plot goes (reports)
  --keep                 keep the data directory and the logs
`

/** @throws Error with one sentence */
export function readOptions(args: readonly string[]): WavesCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      db: { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      'alice-key': { type: 'string' },
      scale: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '1' },
      connections: { type: 'string', default: '256' },
      'kill-rebac': { type: 'boolean', default: false },
      report: { type: 'string', default: 'reports' },
      keep: { type: 'boolean', default: false },
    },
  })
  const database = values.db ?? 'sqlite'
  if (database !== 'sqlite' && database !== 'postgres')
    throw new Error(`--db is "${database}" but must be sqlite or postgres.`)
  const url = values.url ?? null
  if (url !== null && values.db !== undefined) throw new Error('--db and --url exclude each other.')
  if (url !== null && values['kill-rebac'])
    throw new Error('--kill-rebac needs a system that is started here: leave out --url.')
  if (url !== null && !URL.canParse(url))
    throw new Error(`--url is "${url}" but must be a URL such as http://127.0.0.1:8080.`)
  return {
    database: url === null ? database : null,
    url,
    key: values.key,
    aliceKey: values['alice-key'],
    scale: positive('--scale', values.scale),
    rounds: positive('--rounds', values.rounds),
    connections: positive('--connections', values.connections),
    killRebac: values['kill-rebac'],
    reportDir: values.report,
    keep: values.keep,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new Error(`${name} is "${text}" but must be a whole number from 1 on.`)
}
