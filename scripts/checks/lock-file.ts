import { readFile, writeFile } from 'node:fs/promises'
import type { CommandResult } from './command.ts'

/**
 * A registry that carries the packages of one platform alone lets npm write a lock file without the others, and
 * `npm ci` refuses such a file everywhere. This finds the missing entries and, with `fix`, writes them: name, version
 * and platform are known from the package that asks for them.
 */
export async function lockFileIsComplete(fix: boolean): Promise<CommandResult> {
  const lock = JSON.parse(await readFile(FILE, 'utf8')) as LockFile
  const missing = missingEntries(lock.packages)
  if (missing.length === 0) return { code: 0, output: '' }
  const unknown = missing.filter((entry) => entry.os === undefined)
  if (fix && unknown.length === 0) {
    const added = missing.map(({ path, ...entry }) => [path, entry] as const)
    const packages = Object.fromEntries(
      [...Object.entries(lock.packages), ...added].toSorted(([a], [b]) => a.localeCompare(b, 'en')),
    )
    await writeFile(FILE, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)
    return { code: 0, output: '' }
  }
  const lines = missing.map((entry) => `${FILE} has no entry for ${entry.path} ${entry.version}`)
  return { code: 1, output: `${lines.join('\n')}\nRun: npm run verify -- --fix` }
}

const FILE = 'package-lock.json'

interface LockEntry {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

interface PlatformEntry {
  readonly path: string
  readonly version: string
  readonly cpu?: readonly string[]
  readonly dev?: true
  readonly optional: true
  readonly os?: readonly string[]
}

function missingEntries(packages: LockFile['packages']): PlatformEntry[] {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isPresent(packages, parent, name))
      .map(([name, version]) => ({
        path: `node_modules/${name}`,
        version,
        ...platformOf(name),
        ...(entry.dev === true ? { dev: true as const } : {}),
        optional: true as const,
      })),
  )
}

/** Node's own way of looking: in the package, then in each folder above it. */
function isPresent(packages: LockFile['packages'], parent: string, name: string): boolean {
  const folders = parent.split('/node_modules/')
  return folders
    .map((_, depth) => folders.slice(0, folders.length - depth).join('/node_modules/'))
    .concat('')
    .some((folder) => packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined)
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const PROCESSORS: Readonly<Record<string, string>> = { armv7: 'arm' }

/** From names such as @scope/binding-linux-arm-gnueabihf. */
function platformOf(name: string): Pick<PlatformEntry, 'cpu' | 'os'> {
  const words = name.split(/[/-]/)
  const system = words.findIndex((word) => SYSTEMS.includes(word))
  const [os, processor] = words.slice(system, system + 2)
  if (system < 0 || os === undefined || processor === undefined) return {}
  return { cpu: [PROCESSORS[processor] ?? processor], os: [os] }
}
