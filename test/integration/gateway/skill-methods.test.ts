import { crc32 } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { HOME, type Skill, skillMd } from './support/skill-texts.ts'
import { makeZip } from '../../support/zip.ts'

const TENANT = '/tenant:acme/skill'
const VALIDATION = -32005
const DENIED = -32004
const EXISTS = -32001
const WRONG = -32602

/** As strangers write it: a byte-order mark, CRLF, a colon without quotes, members that nobody knows. */
const STRANGE = `\ufeff---\r\nname: Odd_Skill\r\ndescription: Use it: always 🎉\r\nx-vendor: {a: [1, 2]}\r\n---\r\n\tbody\r\n---\r\nmore`

describe.each(ENGINES)('the methods of skills on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true, isGlobalAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    for (const user of ['alice', 'bob'])
      await admin.ok('rebac_create', {
        subject: ['user', user],
        relation: 'direct_owner',
        object: ['file', `/tenant:acme/user:${user}`],
      })
  })
  afterAll(() => system.close())

  const text = async (client: GatewayClient, path: string) => {
    const { data } = await client.ok<{ data: string }>('read', { path })
    return Buffer.from(data, 'base64').toString()
  }
  const info = (client: GatewayClient, name: string) =>
    client.ok<Record<string, unknown>>('skills_info', { skill_name: name })

  it('skills_create', async () => {
    expect(await alice.ok('skills_create', { name: 'notes', description: 'Takes notes', author: 'Alice' })).toEqual({
      skill_path: `${HOME}/notes/SKILL.md`,
      name: 'notes',
      tier: 'agent',
      template: 'basic',
    })
    expect(await info(alice, 'notes')).toMatchObject({
      tier: 'personal',
      author: 'Alice',
      description: 'Takes notes',
      created_at: expect.stringMatching(/^\d{4}-/) as string,
    })
    const templates = ['basic', 'data-analysis', 'code-generation', 'document-processing', 'api-integration']
    const bodies = new Set<string>()
    for (const template of templates) {
      const name = `t-${template}`
      await alice.ok('skills_create', { name, description: 'D', template, tier: 'personal' })
      bodies.add((await text(alice, `${HOME}/${name}/SKILL.md`)).replaceAll(name, ''))
    }
    expect(bodies.size).toBe(templates.length)
    expect(await alice.code('skills_create', { name: 'notes', description: 'again' })).toBe(EXISTS)
    expect((await alice.call('skills_create', { name: 'x', description: 'd', template: 'no' })).error).toMatchObject({
      code: VALIDATION,
      message: expect.stringMatching(/^Template not found: no. Must be one of: \['basic'/) as string,
    })
    for (const bad of ['Upper', 'a_b', '-a', 'a--b', '../x', 'a/b', 'x'.repeat(65), 'é'])
      expect([bad, await alice.code('skills_create', { name: bad, description: 'd' })]).toEqual([bad, VALIDATION])
    expect(await alice.code('skills_create', { name: 'x', description: ' ' })).toBe(VALIDATION)
    expect(await alice.code('skills_create', { name: 'x', description: 'd'.repeat(1_025) })).toBe(VALIDATION)
    expect(await alice.code('skills_create', { name: 'x', description: 'd', tier: 'mine' })).toBe(VALIDATION)
    expect(await alice.code('skills_create', { name: 'x', description: 'd', tier: 'tenant' })).toBe(DENIED)
    expect(await alice.code('skills_create', { name: 'x', description: 'd', tier: 'system' })).toBe(DENIED)
  })

  it('skills_create_from_content', async () => {
    const made = await alice.ok('skills_create_from_content', {
      name: 'style',
      description: 'How: we "write"',
      content: '---\nlicense: MIT\nname: other\n---\n# Style\n\n---\n\nShort.',
      source_url: 'https://example.org/style',
      metadata: { audience: 'all', weight: 3 },
    })
    expect(made).toEqual({
      skill_path: `${HOME}/style/SKILL.md`,
      name: 'style',
      tier: 'agent',
      source_url: 'https://example.org/style',
    })
    const loaded = await alice.ok<Record<string, unknown>>('skills_load', { skill_path: `${HOME}/style` })
    expect(loaded).toMatchObject({
      description: 'How: we "write"',
      metadata: {
        license: 'MIT',
        metadata: { audience: 'all', weight: '3', source_url: 'https://example.org/style' },
      },
    })
    expect(loaded['content']).toMatch(/\n---\n\n# Style\n\n---\n\nShort\.\n$/)
  })

  it('skills_create_from_file', async () => {
    const upload = (facts: object) => alice.ok<Record<string, unknown>>('skills_create_from_file', facts)
    const b64 = (content: string | Buffer) => Buffer.from(content).toString('base64')
    expect(await upload({ source: 'Q3 Räport.md', file_data: b64('# Report\n\nFigures.') })).toEqual({
      skill_path: `${HOME}/q3-raport/SKILL.md`,
      name: 'q3-raport',
      tier: 'agent',
      source: 'Q3 Räport.md',
    })
    expect(await text(alice, `${HOME}/q3-raport/SKILL.md`)).toContain('Figures.')
    const binary = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255, 1, 2])
    await upload({ source: 'manual.pdf', file_data: b64(binary), name: 'manual', description: 'The manual' })
    expect(await text(alice, `${HOME}/manual/SKILL.md`)).toContain('assets/manual.pdf')
    const { data } = await alice.ok<{ data: string }>('read', { path: `${HOME}/manual/assets/manual.pdf` })
    expect(Buffer.from(data, 'base64')).toEqual(binary)
    await alice.ok('write', { path: '/tenant:acme/user:alice/doc.txt', content: 'from here' })
    await upload({ source: '/tenant:acme/user:alice/doc.txt', name: 'from-here' })
    expect(await text(alice, `${HOME}/from-here/SKILL.md`)).toContain('from here')
    const zip = makeZip([
      ['zipped/SKILL.md', skillMd('zipped')],
      ['zipped/a.txt', 'a'],
    ])
    expect(await upload({ source: 'zipped.skill', file_data: b64(zip) })).toMatchObject({ name: 'zipped' })
    expect(await text(alice, `${HOME}/zipped/a.txt`)).toBe('a')
    await upload({ source: 'short.txt', file_data: b64('ok') })
    expect(await text(alice, `${HOME}/short/SKILL.md`)).toMatch(/\n---\n\nok\n$/)
    await alice.ok('write', { path: '/tenant:acme/user:alice/two.txt', content: 'PK' })
    await upload({ source: '/tenant:acme/user:alice/two.txt' })
    expect(await text(alice, `${HOME}/two/SKILL.md`)).toMatch(/\n---\n\nPK\n$/)
    await alice.ok('write', { path: '/tenant:acme/user:alice/empty.txt', content: '' })
    for (const empty of [
      { source: 'empty.txt', file_data: '' },
      { source: 'empty.txt', file_data: b64(' \n') },
      { source: '/tenant:acme/user:alice/empty.txt' },
    ]) {
      expect((await alice.call('skills_create_from_file', empty)).error).toEqual({
        code: VALIDATION,
        message: 'The document "empty.txt" is empty; a skill is made from one that says something.',
      })
    }
    expect(await alice.code('skills_create_from_file', { source: 'https://example.org/a' })).toBe(VALIDATION)
    expect(await alice.code('skills_create_from_file', { source: 'a', file_data: '%%' })).toBe(WRONG)
    expect(await alice.code('skills_create_from_file', { source: 'a', file_data: 'YQ==', use_ai: true })).toBe(WRONG)
    expect(await bob.code('skills_create_from_file', { source: '/tenant:acme/user:alice/doc.txt' })).toBe(DENIED)
  })

  it('skills_import, skills_validate_zip and skills_export', async () => {
    const files = [
      ['Odd_Skill/SKILL.md', STRANGE],
      ['Odd_Skill/scripts/run.sh', '#!/bin/sh\n'],
      ['Odd_Skill/assets/logo.bin', Buffer.from([0, 1, 2, 253, 254, 255])],
      ['other/SKILL.md', skillMd('other', 'Another one', 'requires: [Odd_Skill]\n')],
      ['__MACOSX/._x', 'junk'],
    ] as const
    const zip_data = makeZip(files).toString('base64')
    expect(await alice.ok('skills_validate_zip', { zip_data })).toEqual({
      valid: true,
      skills_found: ['Odd_Skill', 'other'],
      errors: [],
      warnings: [
        expect.stringContaining('__MACOSX') as string,
        'Odd_Skill: a value with a colon should be quoted',
        expect.stringContaining('Odd_Skill: the name should') as string,
      ],
    })
    expect(await alice.ok('skills_import', { zip_data })).toEqual({
      imported_skills: ['Odd_Skill', 'other'],
      skill_paths: [`${HOME}/Odd_Skill/`, `${HOME}/other/`],
      tier: 'user',
    })
    expect(await text(alice, `${HOME}/Odd_Skill/SKILL.md`)).toBe(STRANGE.slice(0))
    const exported = () =>
      alice.ok<{ zip_data: string; size_bytes: number; filename: string }>('skills_export', {
        skill_name: 'other',
        include_dependencies: true,
      })
    const { zip_data: packed, ...facts } = await exported()
    expect(facts).toEqual({
      skill_name: 'other',
      size_bytes: Buffer.from(packed, 'base64').length,
      filename: 'other.skill',
    })
    expect((await exported()).zip_data).toBe(packed)
    const unpacked = await unzip(Buffer.from(packed, 'base64'))
    const expected = Object.fromEntries(
      files.filter(([path]) => !path.startsWith('__')).map(([path, content]) => [path, Buffer.from(content)]),
    )
    const { 'manifest.json': manifest, ...rest } = unpacked
    expect(rest).toEqual(expected)
    expect(JSON.parse(String(manifest))).toEqual({
      name: 'other',
      version: null,
      format: 'generic',
      files: Object.keys(expected).toSorted(),
      total_size_bytes: Object.values(expected).reduce((sum, { length }) => sum + length, 0),
    })
    // And once more, into another home.
    await bob.ok('skills_import', { zip_data: packed, tier: 'personal' })
    const again = await bob.ok<{ zip_data: string }>('skills_export', {
      skill_name: 'other',
      format: 'generic',
      include_dependencies: true,
    })
    expect(again.zip_data).toBe(packed)
    expect(await alice.code('skills_export', { skill_name: 'other', format: 'rar' })).toBe(WRONG)
  })

  it('skills_import takes all or nothing, and overwrites only if told so', async () => {
    const zip = (version: string, extra: readonly (readonly [string, string])[] = []) =>
      makeZip([['again/SKILL.md', skillMd('again', version)], ['again/only.txt', version], ...extra]).toString('base64')
    await alice.ok('skills_import', { zip_data: zip('one', [['again/old.txt', 'old']]) })
    const both = zip('two', [['fresh/SKILL.md', skillMd('fresh')]])
    expect((await alice.call('skills_import', { zip_data: both })).error).toMatchObject({
      code: EXISTS,
      message: `Skill 'again' already exists: ${HOME}/again`,
    })
    expect(await alice.code('skills_info', { skill_name: 'fresh' })).toBe(VALIDATION)
    expect(await info(alice, 'again')).toMatchObject({ description: 'one' })
    await alice.ok('skills_import', { zip_data: both, allow_overwrite: true })
    expect(await info(alice, 'again')).toMatchObject({ description: 'two' })
    expect(await alice.ok('exists', { path: `${HOME}/again/old.txt` })).toEqual({ exists: false })
    expect(await alice.ok('list_versions', { path: `${HOME}/again/SKILL.md` })).toHaveLength(2)
    expect(await alice.code('skills_import', { zip_data: both, tier: 'system' })).toBe(DENIED)
    expect((await alice.call('skills_import', { zip_data: zip('x', [['stray.txt', 'x']]) })).error).toMatchObject({
      code: VALIDATION,
      message: expect.stringContaining('"stray.txt" stands outside') as string,
    })
  })

  it('skills_fork keeps where it comes from', async () => {
    await alice.ok('write_batch', {
      files: [
        [`${HOME}/origin/SKILL.md`, skillMd('origin', 'The first: one', '# a comment\nversion: 1.10\n')],
        [`${HOME}/origin/scripts/a.py`, 'print(1)'],
      ],
    })
    expect(await alice.ok('skills_fork', { source_name: 'origin', target_name: 'copy', author: 'Al' })).toEqual({
      forked_path: `${HOME}/copy/SKILL.md`,
      source_name: 'origin',
      target_name: 'copy',
      tier: 'agent',
    })
    expect(await info(alice, 'copy')).toMatchObject({
      description: 'The first: one',
      version: '1.10',
      author: 'Al',
      lineage: { kind: 'fork', source_name: 'origin', source_path: `${HOME}/origin/SKILL.md`, source_version: '1.10' },
    })
    const copy = await text(alice, `${HOME}/copy/SKILL.md`)
    expect(copy).toContain('# a comment')
    expect(copy).toContain('forked_from: origin')
    expect(await text(alice, `${HOME}/copy/scripts/a.py`)).toBe('print(1)')
    expect(await alice.code('skills_fork', { source_name: 'origin', target_name: 'copy' })).toBe(EXISTS)
    expect(await alice.code('skills_fork', { source_name: 'no-such', target_name: 'x' })).toBe(VALIDATION)
    expect(await alice.code('skills_fork', { source_name: 'origin', target_name: 'Not Allowed' })).toBe(VALIDATION)
    expect(await bob.code('skills_fork', { source_name: 'origin', target_name: 'x' })).toBe(VALIDATION)
  })

  it("skills_fork takes a stranger's skill with the rules that it breaks", async () => {
    const odd = (name: string) =>
      `---\nname: ${name}\ndescription: Use it: often\nallowed-tools: [Read, Write]\n---\nbody`
    await alice.ok('write', { path: `${HOME}/stray/SKILL.md`, content: odd('stray') })
    await alice.ok('skills_fork', { source_name: 'stray', target_name: 'stray-fork' })
    expect(await info(alice, 'stray-fork')).toMatchObject({
      description: 'Use it: often',
      warnings: ['allowed-tools should be one text'],
    })
    const knotted = '---\nname: &n knotted\ndescription: *n\n---\n'
    await alice.ok('write', { path: `${HOME}/knotted/SKILL.md`, content: knotted })
    await alice.ok('skills_fork', { source_name: 'knotted', target_name: 'free' })
    expect(await info(alice, 'free')).toMatchObject({ name: 'free', description: 'knotted' })
  })

  it('skills_publish copies byte by byte, and again', async () => {
    await alice.ok('write', { path: `${HOME}/pub/SKILL.md`, content: skillMd('pub', 'one') })
    await alice.ok('write', { path: `${HOME}/pub/a.txt`, content: 'a' })
    expect(await alice.code('skills_publish', { skill_name: 'pub' })).toBe(DENIED)
    await admin.ok('rebac_create', {
      subject: ['user', 'alice'],
      relation: 'direct_editor',
      object: ['file', TENANT],
    })
    expect(await alice.ok('skills_publish', { skill_name: 'pub' })).toEqual({
      published_path: `${TENANT}/pub/SKILL.md`,
      skill_name: 'pub',
      source_tier: 'agent',
      target_tier: 'tenant',
    })
    expect(await text(alice, `${TENANT}/pub/SKILL.md`)).toBe(skillMd('pub', 'one'))
    await alice.ok('write', { path: `${HOME}/pub/SKILL.md`, content: skillMd('pub', 'two') })
    await alice.ok('delete', { path: `${HOME}/pub/a.txt` })
    await alice.ok('skills_publish', { skill_name: 'pub', source_tier: 'personal', target_tier: 'tenant' })
    expect(await text(alice, `${TENANT}/pub/SKILL.md`)).toBe(skillMd('pub', 'two'))
    expect(await alice.ok('exists', { path: `${TENANT}/pub/a.txt` })).toEqual({ exists: false })
    expect(await alice.code('skills_publish', { skill_name: 'pub', target_tier: 'system' })).toBe(DENIED)
    await admin.ok('skills_publish', { skill_name: 'pub', source_tier: 'tenant', target_tier: 'system' })
    const { skills } = await bob.ok<{ skills: Skill[] }>('skills_list', { tier: 'system' })
    expect(skills.map(({ file_path }) => file_path)).toContain('/skill/pub/SKILL.md')
    expect(await alice.code('skills_publish', { skill_name: 'pub', source_tier: 'nowhere' })).toBe(VALIDATION)
  })

  it('skills_search ranks what the caller may read', async () => {
    await alice.ok('write_batch', {
      files: [
        [`${HOME}/invoice/SKILL.md`, `${skillMd('invoice', 'Makes invoices')}Customers pay within a week.`],
        [`${HOME}/payments/SKILL.md`, `${skillMd('payments', 'Books what customers pay')}An invoice is paid. 請求書`],
        [`${HOME}/weather/SKILL.md`, skillMd('weather', 'Tells the weather')],
      ],
    })
    const search = async (client: GatewayClient, params: object) => {
      const answer = await client.ok<{
        results: { skill_name: string; score: number }[]
        query: string
        count: number
      }>('skills_search', params)
      expect(answer.count).toBe(answer.results.length)
      expect(answer.results.every(({ score }, at, all) => score > 0 && score <= (all[at - 1]?.score ?? score))).toBe(
        true,
      )
      return answer.results.map(({ skill_name }) => skill_name)
    }
    expect(await search(alice, { query: 'invoice' })).toEqual(['invoice', 'payments'])
    expect(await search(alice, { query: 'CUSTOMERS pay', limit: 1 })).toEqual(['payments'])
    expect(await search(alice, { query: '書' })).toEqual(['payments'])
    expect(await search(alice, { query: 'weath' })).toEqual(['weather'])
    expect(await search(alice, { query: 'xylophone' })).toEqual([])
    expect(await search(alice, { query: '  ' })).toEqual([])
    expect(await search(alice, { query: 'weather', tier: 'tenant' })).toEqual([])
    expect(await search(bob, { query: 'invoice' })).toEqual([])
    await alice.ok('write', { path: `${HOME}/weather/SKILL.md`, content: skillMd('weather', 'Says if it rains') })
    expect(await search(alice, { query: 'rains' })).toEqual(['weather'])
    await alice.ok('rmdir', { path: `${HOME}/weather`, recursive: true })
    expect(await search(alice, { query: 'rains' })).toEqual([])
    expect(await alice.code('skills_search', { query: 'x', limit: 0 })).toBe(WRONG)
  })

  it('skills_info refuses circles by name', async () => {
    const requires = (name: string, other: string) =>
      alice.ok('write', { path: `${HOME}/${name}/SKILL.md`, content: skillMd(name, 'd', `requires: ${other}\n`) })
    await requires('ring-a', 'ring-b')
    await requires('ring-b', 'ring-c')
    await requires('ring-c', 'ring-a')
    expect((await alice.call('skills_info', { skill_name: 'ring-a' })).error).toMatchObject({
      code: VALIDATION,
      message: expect.stringContaining('ring-a -> ring-b -> ring-c -> ring-a') as string,
    })
  })

  it('never again 16: skills that were created, forked and published over the API are there after a restart, and are found', async () => {
    await alice.ok('rename', { old_path: `${HOME}/notes`, new_path: `${HOME}/renamed` })
    const before = await alice.ok('skills_list')
    await system.restartGateway()
    const again = await system.as('alice')
    expect(await again.ok('skills_list')).toEqual(before)
    expect(await info(again, 'copy')).toMatchObject({ lineage: { kind: 'fork' } })
    expect(await again.ok('skills_search', { query: 'invoice' })).toMatchObject({ count: 2 })
  })
})

async function unzip(bytes: Buffer): Promise<Record<string, Buffer>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true })
  const files: Record<string, Buffer> = {}
  for await (const entry of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(entry))
    expect(crc32(content)).toBe(entry.crc32)
    files[entry.fileName] = content
  }
  return files
}
