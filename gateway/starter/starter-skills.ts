import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NewFile } from '../files/contract.ts'

const ROOT = fileURLToPath(new URL('./skills/', import.meta.url))

/** A skill that a new user may begin with. */
export interface StarterSkill {
  readonly name: string
  /** By their paths, which begin below the directory of the skill. */
  readonly files: readonly NewFile[]
}

/** The skills that lie beside this module, by name. */
export async function readStarterSkills(): Promise<readonly StarterSkill[]> {
  const names = (await readdir(ROOT)).toSorted()
  return await Promise.all(names.map(async (name) => ({ name, files: await filesIn(join(ROOT, name)) })))
}

async function filesIn(directory: string): Promise<readonly NewFile[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return await Promise.all(
    files.toSorted().map(async (file) => ({
      path: relative(directory, file).split(sep).join('/'),
      content: await readFile(file),
    })),
  )
}
