import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture, type CommandResult } from './command.ts'

const GENERATED = 'services/common/gen'

/** Generates the code again beside the tree, and compares. */
export async function generatedCodeIsCurrent(): Promise<CommandResult> {
  const scratch = await mkdtemp(join(tmpdir(), 'nexus-generated-'))
  try {
    const generated = await capture('buf', ['generate', '-o', scratch])
    if (generated.code !== 0) return generated
    const [expected, present] = await Promise.all([readTree(join(scratch, GENERATED)), readTree(GENERATED)])
    const different = [...new Set([...expected.keys(), ...present.keys()])]
      .filter((file) => expected.get(file) !== present.get(file))
      .toSorted()
    const output = different.map((file) => `${GENERATED}/${file} is not what proto/ gives`).join('\n')
    return different.length === 0 ? { code: 0, output: '' } : { code: 1, output: `${output}\nRun: npm run generate` }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function readTree(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
  )
  return new Map(contents)
}
