import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Environment } from '../common/config/settings.ts'
import { describeError, NexusError } from '../common/errors/nexus-error.ts'
import { type DatabaseUrls, type Places, readDatabaseUrls, readPlaces } from './places.ts'

/** What the operator wants to have done. */
export type Order =
  | { readonly kind: 'help'; readonly about: string | undefined }
  | { readonly kind: 'backup'; readonly places: Places; readonly to: string }
  | { readonly kind: 'restore'; readonly places: Places; readonly from: string }
  | { readonly kind: 'migrate'; readonly from: DatabaseUrls; readonly to: DatabaseUrls }

const HELP: Readonly<Record<string, string>> = {
  backup: `npm run backup -- --to DIR

Copies a system on SQLite, running or not, to a new directory DIR: both databases and all contents, as they were at one
moment. Which system: by the same settings as its processes (NEXUS_DATA_DIR, NEXUS_DATABASE_URL, REBAC_DATABASE_URL,
NEXUS_CONTENT_URL).`,
  restore: `npm run restore -- --from DIR

Brings a backup back to where the settings say (NEXUS_DATA_DIR, NEXUS_DATABASE_URL, REBAC_DATABASE_URL,
NEXUS_CONTENT_URL). There must be nothing there: move old data away first. Consistency tokens from before are void.`,
  migrate: `npm run migrate -- [--from URLS] --to URLS

Copies both databases of a stopped system to empty ones, on either engine, and compares every table. Contents stay where
they are. URLS: the database of the gateway, a comma, that of the permission service; or @FILE, a file that holds them.
Without --from: what NEXUS_DATABASE_URL and REBAC_DATABASE_URL say. Consistency tokens from before are void.

  npm run migrate -- --to postgres://u:p@host/gateway,postgres://u:p@host/rebac
  npm run migrate -- --from @old-urls --to sqlite:data/gateway.db,sqlite:data/rebac.db`,
}

/** The help of one command, or of all. */
export function help(about: string | undefined): string {
  const one = about === undefined ? undefined : HELP[about]
  return one ?? Object.values(HELP).join('\n\n')
}

/** @throws NexusError CONFIG_INVALID */
export function readOrder(args: readonly string[], environment: Environment): Order {
  const [kind, ...rest] = args
  const { help: helpWanted, from, to } = options(rest)
  if (helpWanted === true || kind === undefined || kind === '--help') return { kind: 'help', about: kind }
  if (kind === 'backup') {
    unwanted(kind, '--from', from)
    return { kind, places: readPlaces(environment), to: wanted(kind, '--to', to) }
  }
  if (kind === 'restore') {
    unwanted(kind, '--to', to)
    return { kind, places: readPlaces(environment), from: wanted(kind, '--from', from) }
  }
  if (kind === 'migrate') {
    const source = from === undefined ? readDatabaseUrls(environment) : parseUrls('--from', from)
    return { kind, from: source, to: parseUrls('--to', wanted(kind, '--to', to)) }
  }
  throw invalid(`There is no command "${kind}": say backup, restore or migrate.`)
}

function options(args: readonly string[]) {
  try {
    const known = { from: { type: 'string' }, to: { type: 'string' }, help: { type: 'boolean' } } as const
    return parseArgs({ args: [...args], options: known }).values
  } catch (error) {
    throw invalid(`${describeError(error)}; --help says what there is.`)
  }
}

function wanted(kind: string, name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value
  throw invalid(`${kind} needs ${name}; --help says more.`)
}

function unwanted(kind: string, name: string, value: string | undefined): void {
  if (value !== undefined) throw invalid(`${kind} takes no ${name}; --help says more.`)
}

/** A comma may stand in a password, so only one before the next URL separates. */
function parseUrls(name: string, text: string): DatabaseUrls {
  const [gateway, rebac, ...more] = (text.startsWith('@') ? readUrls(name, text.slice(1)) : text)
    .trim()
    .split(/[\s,]+(?=(?:sqlite|postgres|postgresql):)/)
  const all = [gateway, rebac]
  if (more.length > 0 || !all.every((url) => url !== undefined && /^(sqlite:.|postgres(ql)?:\/\/.)/.test(url))) {
    throw invalid(
      `${name} must be two database URLs (sqlite: or postgres://): the gateway's, a comma, the permission service's.`,
    )
  }
  return { gateway: gateway ?? '', rebac: rebac ?? '' }
}

function readUrls(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(`${name} names a file that cannot be read: ${describeError(error)}.`)
  }
}

function invalid(message: string): NexusError {
  return new NexusError('CONFIG_INVALID', message)
}
