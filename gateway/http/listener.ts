import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

export interface Listener {
  readonly url: string
  /**
   * Takes no new connections, lets calls in flight end, closes idle connections. Calls that take longer than that may are
   * answered that they have to be made again.
   */
  close(): Promise<void>
}

/** Longer than what proxies and HTTP clients keep idle connections, so that they close first. In milliseconds. */
const KEEP_ALIVE_MS = 65_000
/** What is still in flight after this long is given up, in milliseconds. */
export const DRAIN_MS = 10_000
/** Answers that are not taken by their clients this long after that are cut off, in milliseconds. */
const FAREWELL_MS = 2_000
/** The head of a request must have come after this long, in milliseconds. */
const HEADERS_MS = 60_000
const IDLE_LOOK_MS = 25

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** How long calls in flight may take when the listener is closed, in milliseconds. */
  readonly drainMs: number
  /** Answers a call that is given up. Nothing of its answer was sent yet. */
  readonly giveUp: (response: ServerResponse) => void
}

/** @throws NexusError CONFIG_INVALID if the address cannot be used */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listener> {
  const { host, port } = options
  const server = createServer(
    // Large files take their time: who reads a body says how long it may take.
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: 0 },
    app,
  )
  const open = new Set<ServerResponse>()
  server.on('request', (_request, response) => {
    open.add(response)
    response.once('close', () => open.delete(response))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen({ host, port, backlog: 1_024 }, resolve)
  })
  return { url: urlOf(server, host), close: () => drain(server, open, options) }
}

function drain(server: Server, open: ReadonlySet<ServerResponse>, options: ListenOptions): Promise<void> {
  return new Promise((resolve) => {
    // A connection that becomes idle after close() began stays open for its keep-alive time unless it is asked again.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS)
    const limit = setTimeout(() => {
      for (const response of open) {
        if (response.headersSent) response.destroy()
        else options.giveUp(response)
      }
      farewell = setTimeout(() => server.closeAllConnections(), FAREWELL_MS)
    }, options.drainMs)
    let farewell: NodeJS.Timeout | undefined
    server.close(() => {
      clearInterval(idle)
      clearTimeout(limit)
      clearTimeout(farewell)
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
