import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']

/** How often it is looked whether npm is still there, in milliseconds. */
const PARENT_CHECK_MS = 500

/**
 * Runs the entry with this terminal and these signals, and gives back its exit code.
 *
 * @param {string} root
 * @param {string} node
 * @param {string} entry
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runChild(root, node, entry, args) {
  // First the tools of this project, then the chosen Node, then whatever was there.
  const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    cwd: root,
    stdio: 'inherit',
    // Compiled code is kept from run to run: both processes start in half the time.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'), ...process.env, PATH: path },
  })
  // The child decides when it is done; this process only waits for it.
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal))
  stopWithNpm(child)
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${node} could not be started: ${error.message}`)))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** npm ends at SIGTERM together with its shell, and neither tells what runs below them. */
function stopWithNpm(child) {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    child.kill('SIGTERM')
  }, PARENT_CHECK_MS)
  timer.unref()
}
