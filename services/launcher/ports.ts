import { createServer } from 'node:net'
import { NexusError } from '../common/errors/nexus-error.ts'
import type { ChildSettings } from './settings.ts'

/**
 * Tries every listener before anything is started, so that a port in use is one sentence.
 *
 * @throws NexusError CONFIG_INVALID naming each setting whose port cannot be had
 */
export async function checkPorts(children: readonly ChildSettings[]): Promise<void> {
  const problems = (await Promise.all(children.map(portProblem))).filter((problem) => problem !== null)
  if (problems.length > 0) throw new NexusError('CONFIG_INVALID', problems.join('\n'))
}

async function portProblem(child: ChildSettings): Promise<string | null> {
  const { host, port, text } = child.listen
  const code = await tryToListen(host.replace(/^\[(.*)\]$/, '$1'), port)
  if (code === null) return null
  if (code === 'EADDRINUSE') {
    return `${text} is in use (is Nexus running already?): stop what listens there, or set ${child.listenSetting} to another port.`
  }
  return `${child.name} cannot listen on ${text} (${code}): set ${child.listenSetting} to an address of this machine.`
}

/** The error code, or null if the address was free. */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}
