import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example?: Call } } }
  readonly 'x-before'?: readonly Call[]
  readonly 'x-error'?: number
}

interface Call {
  readonly method: string
  readonly params: object
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

/** Puts what earlier calls were answered in place of texts such as `<0.items.0.trash_id>`. */
function filledIn(params: object, results: readonly unknown[]): object {
  return JSON.parse(
    JSON.stringify(params).replaceAll(/"<([\w.]+)>"/g, (_text, path: string) =>
      JSON.stringify(path.split('.').reduce((at: unknown, key) => (at as Record<string, unknown>)[key], results)),
    ),
  ) as object
}

describe.each(ENGINES)('the description of the API on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let document: Document
  const methods = () =>
    Object.entries(document.paths).flatMap(([path, { post }]) =>
      path.startsWith('/api/nfs/') && post !== undefined
        ? [{ path, operation: post, example: post.requestBody?.content['application/json'].example }]
        : [],
    )

  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_DEMO: '1' } })
    admin = system.client(demoKeys.admin)
    document = (await (await system.client(null).raw('/openapi.json')).json()) as Document
  })
  afterAll(() => system.close())

  it('is a valid OpenAPI 3.1 document, which needs no key', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const { valid, errors } = await new Validator().validate(structuredClone({ ...document }))
    expect([valid, errors]).toEqual([true, undefined])
  })

  it('has every method that is served, and every route', async () => {
    const status = (await (await admin.raw('/api/nfs/status')).json()) as { methods: string[] }
    expect(methods().map(({ path }) => path)).toEqual(
      expect.arrayContaining(status.methods.map((name) => `/api/nfs/${name}`)),
    )
    expect(methods()).toHaveLength(status.methods.length)
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/files/{path}', '/api/auth/whoami', '/health', '/health/ready', '/metrics']),
    )
  })

  it('refers to nothing that it does not have', () => {
    const text = JSON.stringify(document)
    const at = (ref: string): unknown =>
      ref
        .split('/')
        .slice(1)
        .reduce((part: unknown, key) => (part as Record<string, unknown>)[key], document)
    const broken = [...text.matchAll(/"\$ref":"([^"]+)"/g)]
      .map((match) => match[1] ?? '')
      .filter((ref) => at(ref) === undefined)
    expect(broken).toEqual([])
  })

  it('says what each method does, and shows a call of it', () => {
    const silent = methods().filter(
      ({ operation, example }) => operation.summary === undefined || example === undefined,
    )
    expect(silent.map(({ path }) => path)).toEqual([])
    for (const { operation } of methods()) expect(operation.summary).toMatch(/^[A-Z].*[^.]$/)
  })

  it('shows calls that its own schemas accept', () => {
    const ajv = new Ajv2020({ strict: false })
    ajv.addSchema({ $id: 'document', ...document })
    const refused = methods().flatMap(({ path, example }) => {
      const pointer = `/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`
      return ajv.validate({ $ref: `document#${pointer}` }, example) ? [] : [`${path}: ${ajv.errorsText()}`]
    })
    expect(refused).toEqual([])
  })

  it('shows calls that work', async () => {
    const failed: string[] = []
    for (const { operation, example } of methods()) {
      if (example === undefined) continue
      const results: unknown[] = []
      for (const { method, params } of operation['x-before'] ?? []) {
        results.push(await admin.ok(method, filledIn(params, results)))
      }
      const { error, text } = await admin.call(example.method, filledIn(example.params, results))
      if (error?.code !== operation['x-error']) failed.push(`${example.method}: ${text}`)
    }
    expect(failed).toEqual([])
  })
})

describe('the page of the API', () => {
  let system: TestSystem
  beforeAll(async () => {
    system = await TestSystem.start({ engine: 'sqlite' })
  })
  afterAll(() => system.close())

  it('comes from this server alone, and runs no other scripts than its own', async () => {
    const anybody = system.client(null)
    const page = await anybody.raw('/docs')
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const html = await page.text()
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThanOrEqual(3)
    for (const link of links) {
      expect(link).toMatch(/^\/docs\//)
      const asset = await anybody.raw(link)
      expect([link, asset.status]).toEqual([link, 200])
      expect(asset.headers.get('content-type')).toMatch(link.endsWith('.css') ? /^text\/css/ : /javascript/)
      expect((await asset.text()).length).toBeGreaterThan(50)
    }
  })
})
