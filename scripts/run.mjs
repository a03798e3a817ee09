// Runs a program of this project: installs what package-lock.json names if that has not been done, then starts the
// given entry with a Node that can run it. This file and its folder need only Node 18 and any npm that came with it.
//
//   node scripts/run.mjs services/launcher/main.ts [arguments]
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installIfNeeded } from './run/install.mjs'
import { findNode } from './run/find-node.mjs'
import { runChild } from './run/run-child.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [entry, ...args] = process.argv.slice(2)

try {
  if (entry === undefined) throw new Error('Usage: node scripts/run.mjs ENTRY [ARGUMENTS]')
  await installIfNeeded(root)
  process.exitCode = await runChild(root, findNode(root), join(root, entry), args)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
