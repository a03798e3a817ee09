import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wireRequest, WireClient } from '../../load/files/wire-client.ts'

describe('the client of benchmarks', () => {
  let server: Server
  let url: string
  let connections = 0
  let answering = true

  beforeEach(async () => {
    connections = 0
    answering = true
    server = createServer((request, response) => {
      if (answering) response.setHeader('Content-Length', 2).end('ok')
      else request.socket.destroy()
    })
    server.on('connection', () => connections++)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const request = () => wireRequest(url, { path: '/', key: 'key' })

  it('keeps its connections, and opens one again that was closed while nobody used it', async () => {
    using client = await WireClient.open(url, 1)
    const body = async () => (await client.send(request())).body.toString()
    expect([await body(), await body(), connections]).toEqual(['ok', 'ok', 1])

    const closed = server.closeIdleConnections.bind(server)
    await expect.poll(async () => (closed(), await body(), connections), { timeout: 30_000 }).toBeGreaterThan(1)
  })

  it('fails where a connection is closed before the answer', async () => {
    using client = await WireClient.open(url, 1)
    answering = false
    await expect(client.send(request())).rejects.toThrow('closed')
  })
})
