import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADMIN_HOME } from './accounts.ts'
import type { DemoFile } from './tree.ts'

const ROOT = fileURLToPath(new URL('./skills/', import.meta.url))

export interface DemoSkills {
  readonly names: readonly string[]
  readonly files: readonly DemoFile[]
}

/** The demo's skills as they lie beside this module, with the paths that they are imported to. */
export async function readDemoSkills(): Promise<DemoSkills> {
  const found = await readdir(ROOT, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const skills = await Promise.all(
    files.sort().map(async (file) => ({ path: pathOf(file), content: await readFile(file) })),
  )
  const names = new Set(skills.map(({ path }) => path.slice(`${ADMIN_HOME}/skill/`.length).split('/')[0] ?? ''))
  return { names: [...names].sort(), files: skills }
}

function pathOf(file: string): string {
  return `${ADMIN_HOME}/skill/${relative(ROOT, file).split(sep).join('/')}`
}
