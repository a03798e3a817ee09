import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { makeZip, type ZipEntry } from '../../support/zip.ts'
import { skillMd } from './support/skill-texts.ts'

const TENANT = '/tenant:acme/skill'
const TOO_LARGE = -32013
const INVALID_PATH = -32002

describe.each(ENGINES)('how large and how deep skills are, on %s', (engine) => {
  let system: TestSystem
  let root: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_MAX_PATH_DEPTH: '8', NEXUS_MAX_PATH_BYTES: '256' } })
    root = await system.as('root', { isAdmin: true })
  })
  afterAll(() => system.close())

  const zipOf = (name: string, entries: readonly ZipEntry[], more = '') =>
    makeZip([[`${name}/SKILL.md`, skillMd(name, 'd', more)], ...entries]).toString('base64')

  it.each<[string, string, ZipEntry, string]>([
    ['a file', 'skills_import', ['deep/4/5/6/7/8/9', 'x'], "4/5/6/7/8/9' has 9 components; at most 8 are allowed."],
    [
      'a directory',
      'skills_import',
      ['deep/4/5/6/7/8/9/', ''],
      "4/5/6/7/8/9' has 9 components; at most 8 are allowed.",
    ],
    [
      'an upload',
      'skills_create_from_file',
      ['deep/4/5/6/7/8/9', 'x'],
      "4/5/6/7/8/9' has 9 components; at most 8 are allowed.",
    ],
    [
      'a name',
      'skills_import',
      [`deep/${'y'.repeat(233)}`, 'x'],
      `${'y'.repeat(233)}' has 257 bytes; at most 256 are allowed.`,
    ],
  ])('%s that a write would not make is not made by %s', async (_, method, entry, message) => {
    const zip = zipOf('deep', [entry])
    const params = method === 'skills_import' ? { zip_data: zip } : { source: 'deep.skill', file_data: zip }
    const { error } = await root.call(method, { ...params, tier: 'tenant' })
    expect(error).toEqual({ code: INVALID_PATH, message: `'${TENANT}/deep/${message}` })
    expect(await root.ok('exists', { path: `${TENANT}/deep` })).toEqual({ exists: false })
  })

  it('what a write would make is made, and copied as long as it is not deeper there', async () => {
    await root.ok('skills_import', { zip_data: zipOf('deep', [['deep/4/5/6/7/8', 'x']]), tier: 'tenant' })
    expect(await root.ok('exists', { path: `${TENANT}/deep/4/5/6/7/8` })).toEqual({ exists: true })
    await root.ok('skills_fork', { source_name: 'deep', target_name: 'copy', tier: 'tenant' })
    const deeper = await root.call('skills_fork', { source_name: 'deep', target_name: 'mine', tier: 'personal' })
    expect(deeper.error).toEqual({
      code: INVALID_PATH,
      message: "'/tenant:acme/user:root/skill/mine/4/5/6/7/8' has 9 components; at most 8 are allowed.",
    })
  })

  it('an archive whose names are too deep is told so before anything is made', async () => {
    const zip_data = zipOf('far', [[`far/${'d/'.repeat(500)}x`, '']])
    expect(await root.ok('skills_validate_zip', { zip_data })).toMatchObject({
      valid: false,
      errors: [expect.stringMatching(/has 502 components; at most 32 are allowed$/)],
    })
    const { error } = await root.call('skills_import', { zip_data, tier: 'tenant' })
    expect(error?.message).toMatch(/^The archive cannot be imported: .* has 502 components; at most 32 are allowed$/)
  })

  it('skills that are too large together are exported one by one', async () => {
    const bytes = randomBytes(23_000_000)
    await root.ok('skills_import', { zip_data: zipOf('one', [['one/data', bytes, { method: 0 }]]), tier: 'tenant' })
    for (const target_name of ['two', 'three'])
      await root.ok('skills_fork', { source_name: 'one', target_name, tier: 'tenant' })
    const zip_data = zipOf('all', [], 'requires: [one, two, three]\n')
    await root.ok('skills_import', { zip_data, tier: 'tenant' })
    const { status, error } = await root.call('skills_export', { skill_name: 'all', include_dependencies: true })
    expect([status, error]).toEqual([
      413,
      {
        code: TOO_LARGE,
        message: expect.stringMatching(
          /^The skill 'all' and the 3 that it requires have 69000\d{3} bytes together; at most 67108864 are exported at once: export them one by one, without include_dependencies\.$/,
        ) as string,
      },
    ])
    await root.ok('skills_export', { skill_name: 'one' })
  })
})
