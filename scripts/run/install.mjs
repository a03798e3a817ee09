import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Kept in node_modules, so that whatever removes the one removes the other. */
const HASH_FILE = 'node_modules/.nexus-lock-hash'

/**
 * Runs `npm ci` unless node_modules already holds what package-lock.json says.
 *
 * @param {string} root
 */
export async function installIfNeeded(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const hash = createHash('sha256').update(lock).digest('hex')
  if (readIfThere(join(root, HASH_FILE)) === hash) return
  if (!alreadyInstalled(root, lock)) await install(root)
  writeFileSync(join(root, HASH_FILE), hash)
}

/** True after somebody ran npm by hand: npm's own note in node_modules then names the same versions. */
function alreadyInstalled(root, lock) {
  const note = readIfThere(join(root, 'node_modules/.package-lock.json'))
  if (note === undefined) return false
  try {
    const present = JSON.parse(note).packages
    return Object.entries(JSON.parse(lock).packages).every(
      ([path, entry]) => path === '' || entry.optional === true || present[path]?.version === entry.version,
    )
  } catch {
    return false
  }
}

async function install(root) {
  const started = Date.now()
  process.stderr.write('Installing dependencies from package-lock.json (once, about half a minute) ...\n')
  const { code, output } = await npmCi(root)
  if (code !== 0) {
    throw new Error(
      `${output.trim()}\n\nThe dependencies could not be installed: "npm ci" ended with ${code}. ` +
        'Its messages are above. Check the network and the npm registry, then run the same command again.',
    )
  }
  process.stderr.write(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`)
}

/** Quiet unless it fails: old versions of npm print many warnings that mean nothing here. */
function npmCi(root) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env['npm_execpath']
  const [command, prefix] = npm !== undefined && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...prefix, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: command === 'npm' && process.platform === 'win32',
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) =>
      reject(new Error(`npm could not be started: ${error.message}. It comes with Node; is it in the PATH?`)),
    )
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
