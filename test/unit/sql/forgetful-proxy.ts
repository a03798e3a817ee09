import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * Stands before a PostgreSQL server and, as often as it is told to, lets a commit through and swallows the answer: the
 * connection ends as if the network had failed just then. Returns the URL to use and a count of what is still to be lost.
 */
export async function forgetfulProxy(serverUrl: string): Promise<{ url: string; toForget: { count: number } }> {
  const target = new URL(serverUrl)
  const toForget = { count: 0 }
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let committing = false
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (toForget.count > 0 && bytes.includes('commit\0')) {
        toForget.count--
        committing = true
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (committing) client.destroy()
      else client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  const address = server.address()
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  return { url: url.href, toForget }
}
