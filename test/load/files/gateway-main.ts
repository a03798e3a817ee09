import { Session } from 'node:inspector/promises'
import express from 'express'
import { readGatewayConfig } from '../../../gateway/config/gateway-config.ts'
import { bodyReader } from '../../../gateway/http/body.ts'
import { sendJson } from '../../../gateway/http/send.ts'
import { hashKey, makeKey } from '../../../gateway/keys/key-format.ts'
import { startGateway } from '../../../gateway/server.ts'
import { openGatewayDatabase } from '../../../gateway/store/open-store.ts'
import { STATIC_FOLDER, type FromGateway, type ToGateway } from './bench-gateway.ts'
import { byLayer } from './layers.ts'

/** A gateway in a process of its own, with static answers behind the same middleware and an account of its time. */
const config = readGatewayConfig(process.env)
const db = await openGatewayDatabase({ url: config.databaseUrl })
const texts = new Map<number, string>()
const readBody = bodyReader(config.maxBodyBytes)
const gateway = await startGateway(config, {
  db,
  beside: {
    plain: express.static(`${config.dataDir}/${STATIC_FOLDER}`),
    // The request is read as that of a call is; what it says plays no part.
    compressed: (request, response, next) => {
      readBody(request, response).then(() => sendJson(response, 200, textOf(Number(request.query['size']))), next)
    },
  },
})
await gateway.provisioned
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: 200 })

process.on('message', (order: ToGateway) => {
  obey(order).then(tell, (error: unknown) => tell({ error: String(error) }))
})
process.once('disconnect', () => void gateway.close())
tell({ url: gateway.url })

async function obey(order: ToGateway): Promise<FromGateway> {
  if (order.kind === 'key') return { key: await newKey(order.user, order.isAdmin) }
  if (order.kind === 'profile') {
    await session.post('Profiler.start')
    return cpuMicros()
  }
  const { profile } = await session.post('Profiler.stop')
  return { ...cpuMicros(), layers: byLayer(profile) }
}

async function newKey(user: string, isAdmin: boolean): Promise<string> {
  const tenant = 'bench'
  const key = makeKey({ tenant, subjectType: 'user', subjectId: user })
  await db.write('createKey', {
    keyId: `key-of-${user}`,
    keyHash: hashKey(key),
    tenant,
    userId: user,
    subjectType: 'user',
    subjectId: user,
    name: user,
    isAdmin,
    isGlobalAdmin: false,
    inheritPermissions: false,
    createdAt: Date.now(),
    expiresAt: null,
    revokedAt: null,
  })
  return key
}

/** A JSON text of so many bytes. */
function textOf(size: number): string {
  let text = texts.get(size)
  if (text === undefined) texts.set(size, (text = JSON.stringify('x'.repeat(size - 2))))
  return text
}

function cpuMicros(): { readonly mainThread: number; readonly cpuMicros: number } {
  const [thread, all] = [process.threadCpuUsage(), process.cpuUsage()]
  return { mainThread: thread.user + thread.system, cpuMicros: all.user + all.system }
}

function tell(message: FromGateway): void {
  process.send?.(message)
}
