import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Files and directories below a folder, by their paths relative to it. */
export interface Folder {
  readonly files: ReadonlyMap<string, Buffer>
  readonly directories: ReadonlySet<string>
}

/** SQLite shares it between processes by mapping it into memory, and makes it anew at every start. */
const isShared = (path: string): boolean => path.endsWith('-shm')

/** Whether a path counts: what is only shared memory does not. */
export function counts(path: string): boolean {
  return !isShared(path)
}

export function readFolder(folder: string): Folder {
  const files = new Map<string, Buffer>()
  const directories = new Set<string>([''])
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (entry.isDirectory()) directories.add(name)
    else if (counts(name)) files.set(name, readFileSync(path))
  }
  return { files, directories }
}

export function writeFolder({ files, directories }: Folder, folder: string): void {
  for (const name of directories) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
}

/** What differs between two folders, in words. */
export function differences(one: Folder, other: Folder): string[] {
  const names = new Set([...one.files.keys(), ...other.files.keys()])
  return [...names].flatMap((name) => {
    const [first, second] = [one.files.get(name), other.files.get(name)]
    if (first !== undefined && second !== undefined && first.equals(second)) return []
    return [`${name}: ${first?.length ?? 'no'} and ${second?.length ?? 'no'} bytes`]
  })
}
