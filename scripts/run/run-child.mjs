import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']

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
    env: { ...process.env, PATH: path },
  })
  // The child decides when it is done; this process only waits for it.
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${node} could not be started: ${error.message}`)))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}
