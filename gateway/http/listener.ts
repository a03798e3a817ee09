import { createServer, type RequestListener, type Server } from 'node:http'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

export interface Listener {
  readonly url: string
  /** Takes no new connections, lets calls in flight end, closes idle connections; at most a few seconds. */
  close(): Promise<void>
}

/** Longer than what proxies and HTTP clients keep idle connections, so that they close first. In milliseconds. */
const KEEP_ALIVE_MS = 65_000
/** What is still in flight after this long is cut off, in milliseconds. */
const DRAIN_MS = 10_000
/** The head of a request must have come after this long, in milliseconds. */
const HEADERS_MS = 60_000
const IDLE_LOOK_MS = 25

/** @throws NexusError CONFIG_INVALID if the address cannot be used */
export async function listen(app: RequestListener, host: string, port: number): Promise<Listener> {
  const server = createServer(
    // Large files take their time: who reads a body says how long it may take.
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: 0 },
    app,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen({ host, port, backlog: 1_024 }, resolve)
  })
  return { url: urlOf(server, host), close: () => drain(server) }
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that becomes idle after close() began stays open for its keep-alive time unless it is asked again.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS)
    const limit = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(limit)
      resolve()
    })
  })
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function listenError(error: Error, host: string, port: number): NexusError {
  const reason = 'code' in error && error.code === 'EADDRINUSE' ? 'another program listens there' : error.message
  return new NexusError(
    'CONFIG_INVALID',
    `The gateway cannot listen on ${host}:${port} (${reason}): set NEXUS_HOST and NEXUS_PORT.`,
    {
      cause: error,
    },
  )
}
