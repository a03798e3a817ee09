import { beforeAll, describe, expect, it } from 'vitest'
import { WaveClient } from '../waves/client.ts'
import { ComposeProject } from './compose.ts'
import { buildImages } from './images.ts'
import { runContainerWaves } from './run-container-waves.ts'

const DEMO_KEY = 'sk-default_admin_dddddddd_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'

beforeAll(buildImages)

describe('docker compose up --wait', () => {
  it('brings up production on PostgreSQL, with the first administrator from a secret', async () => {
    await using project = await ComposeProject.up('docker-compose.yml')
    const client = new WaveClient(await project.url(), 1)
    const path = '/workspace/first.txt'
    const written = await client.rpc(project.adminKey, 'write', { path, content: 'hello' })
    expect(written.text).toContain('"result"')
    const read = await client.rpc(project.adminKey, 'read', { path })
    expect(JSON.parse(read.text)).toMatchObject({ result: { data: Buffer.from('hello').toString('base64') } })
    expect((await client.rpc(DEMO_KEY, 'list', { path: '/' })).status, 'the key of the demo is unknown').toBe(401)
    client.close()
    expect(await project.auditLogs()).toEqual([])
  })

  it('with the demo on top passes the waves', async () => {
    await using project = await ComposeProject.up('docker-compose.yml', 'compose.demo.yml')
    const url = await project.url()
    const report = await runContainerWaves(url, [`${url}/metrics`])
    expect(report.problems).toEqual([])
    expect(await project.auditLogs()).toEqual([])
  })
})
