import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The oldest release line that runs TypeScript and the SQLite binding; on older ones the binding crashes the process. */
const OLDEST = { major: 22, minor: 22 }

/**
 * The running Node if it is new enough, else the one that is pinned in package.json.
 *
 * @param {string} root
 */
export function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const pinned = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(pinned) && isNewEnough(versionOf(pinned))) return pinned
  throw new Error(
    `This needs Node ${OLDEST.major}.${OLDEST.minor} or 24 and later; here is ${process.versions.node}, and the pinned one in ` +
      'node_modules/node does not run (are install scripts switched off in npm?). Delete node_modules and try again, or install a newer Node.',
  )
}

/** Release 23 was never supported for long; its early versions lack what 22.22 has. */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 23 || (major === OLDEST.major && minor >= OLDEST.minor)
}

function versionOf(node) {
  try {
    return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
  } catch {
    return '0.0'
  }
}
