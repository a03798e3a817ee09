import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readGatewayConfig } from '../../../gateway/config/gateway-config.ts'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'nexus-config-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const production = {
  NEXUS_ENV: 'production',
  NEXUS_REBAC_TOKEN: 'a-long-enough-secret',
  NEXUS_DATABASE_URL: 'postgres://h/d',
}

function problems(settings: Record<string, string>): string {
  try {
    readGatewayConfig({ NEXUS_DATA_DIR: dataDir, ...settings })
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'accepted'
}

describe('settings of the gateway', () => {
  it('has defaults for everything, and makes its own secret', () => {
    const config = readGatewayConfig({ NEXUS_DATA_DIR: dataDir })
    expect(config).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: `sqlite:${join(dataDir, 'gateway.db')}`,
      contentUrl: `file:${join(dataDir, 'content')}`,
      adminKey: null,
      demo: false,
      allowAdminBypass: true,
      maxBodyBytes: 64 * 1_048_576,
      requestTimeoutMs: 10_000,
      trustProxy: false,
      warnings: [],
      rebac: { address: '127.0.0.1:50051', ca: null, plaintext: true, consistency: 'fully_consistent' },
    })
    expect(config.rebac.token).toBe(readFileSync(join(dataDir, 'rebac-token'), 'utf8'))
    expect(readGatewayConfig({ NEXUS_DATA_DIR: dataDir }).rebac.token).toBe(config.rebac.token)
  })

  it('lists every wrong setting at once', () => {
    const text = problems({
      NEXUS_ENV: 'staging',
      NEXUS_PORT: '99999',
      NEXUS_DATABASE_URL: 'mysql://x',
      NEXUS_CONTENT_URL: 's3://later',
      NEXUS_REBAC_ADDRESS: 'nowhere',
      NEXUS_ADMIN_KEY: 'hunter2',
      NEXUS_DEMO: 'maybe',
      NEXUS_MAX_BODY_MB: '0',
      NEXUS_REQUEST_TIMEOUT_MS: 'soon',
      NEXUS_TRUST_PROXY: 'true',
      NEXUS_CONSISTENCY: 'eventual',
    })
    for (const name of [
      'ENV',
      'PORT',
      'DATABASE_URL',
      'CONTENT_URL',
      'REBAC_ADDRESS',
      'ADMIN_KEY',
      'DEMO',
      'MAX_BODY_MB',
    ]) {
      expect(text).toContain(`NEXUS_${name}`)
    }
    for (const name of ['REQUEST_TIMEOUT_MS', 'TRUST_PROXY', 'CONSISTENCY']) expect(text).toContain(`NEXUS_${name}`)
    expect(text).not.toContain('hunter2')
  })

  it('production refuses what is unsafe', () => {
    expect(problems({ NEXUS_ENV: 'production', NEXUS_DEMO: '1' })).toMatch(/NEXUS_DEMO=1[^]*|NEXUS_REBAC_TOKEN/)
    const text = problems({
      NEXUS_ENV: 'production',
      NEXUS_DEMO: '1',
      NEXUS_ADMIN_KEY: demoKeys.admin,
      NEXUS_REBAC_ADDRESS: 'rebac:50051',
    })
    for (const name of ['NEXUS_DEMO', 'NEXUS_ADMIN_KEY', 'NEXUS_REBAC_TOKEN', 'NEXUS_REBAC_CA'])
      expect(text).toContain(name)
  })

  it('production takes the explicit word for a private network, and secrets from files', () => {
    const file = join(dataDir, 'admin-key')
    writeFileSync(file, `sk-default_root_${'7'.repeat(40)}\n`)
    const config = readGatewayConfig({
      ...production,
      NEXUS_DATA_DIR: dataDir,
      NEXUS_REBAC_ADDRESS: 'dns:///rebac:50051',
      NEXUS_REBAC_PLAINTEXT: '1',
      NEXUS_ADMIN_KEY_FILE: file,
    })
    expect(config).toMatchObject({ production: true, adminKey: `sk-default_root_${'7'.repeat(40)}`, warnings: [] })
  })

  it('production on SQLite is warned of', () => {
    expect(readGatewayConfig({ ...production, NEXUS_DATABASE_URL: `sqlite:${dataDir}/x.db` }).warnings).toHaveLength(1)
  })

  it('plain text to another machine takes the explicit word outside production too', () => {
    expect(problems({ NEXUS_REBAC_ADDRESS: '10.0.0.5:50051' })).toContain('NEXUS_REBAC_PLAINTEXT=1')
    expect(problems({ NEXUS_REBAC_ADDRESS: '10.0.0.5:50051', NEXUS_REBAC_PLAINTEXT: '1' })).toBe('accepted')
  })
})
