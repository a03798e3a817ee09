import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { makeZip, type ZipEntry } from '../../support/zip.ts'

const SKILL = '---\nname: NAME\ndescription: d\n---\n'
const VALIDATION = -32005

describe.each(ENGINES)('where skills end, on %s', (engine) => {
  let system: TestSystem
  let root: GatewayClient
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_TENANT_MAX_FILES: '20' } })
    root = await system.as('root', { isAdmin: true })
  })
  afterAll(() => system.close())

  it('what does not fit into the quota is not made, not even a part', async () => {
    const many = Array.from({ length: 25 }, (_, at): ZipEntry => [`big/${at}`, 'x'])
    const zip_data = makeZip([['big/SKILL.md', SKILL.replace('NAME', 'big')], ...many]).toString('base64')
    const { status, error } = await root.call('skills_import', { zip_data, tier: 'tenant' })
    expect([status, error?.code]).toEqual([507, -32012])
    expect(await root.ok('skills_list')).toEqual({ skills: [], count: 0 })
    await root.ok('skills_create', { name: 'small', description: 'Fits', tier: 'tenant' })
    expect(await root.ok('skills_list')).toMatchObject({ count: 1 })
  })

  it('a skill in a mount is used, exported and published, but not made there', async () => {
    const point = '/tenant:acme/user:root/skill'
    await root.ok('add_mount', { mount_point: point, backend_type: 'memory', backend_config: {} })
    const path = `${point}/far/SKILL.md`
    await root.ok('write', { path, content: SKILL.replace('NAME', 'far') })
    expect(await root.ok('skills_list', { tier: 'personal' })).toMatchObject({ skills: [{ name: 'far' }] })
    expect(await root.ok('skills_load', { skill_path: path })).toMatchObject({ content: SKILL.replace('NAME', 'far') })
    await root.ok('skills_export', { skill_name: 'far' })
    await root.ok('skills_publish', { skill_name: 'far' })
    expect(await root.ok('skills_info', { skill_name: 'far' })).toMatchObject({ file_path: path })
    const submission = { skill_name: 'far', submitted_by: 'root' }
    expect(await root.code('skills_submit_approval', submission)).toBe(VALIDATION)
    expect((await root.call('skills_create', { name: 'near', description: 'd' })).error?.message).toMatch(/mount/)
  })

  it('what rules of a tenant deny above and grant below is listed, too', async () => {
    const client = await system.as('rita', { tenant: 'strict' })
    const chief = await system.as('chief', { tenant: 'strict', isAdmin: true })
    const home = '/tenant:strict/user:rita/skill'
    // So that no relationship speaks of the skills themselves.
    await chief.ok('rebac_create', {
      subject: ['user', 'chief'],
      relation: 'direct_owner',
      object: ['file', '/tenant:strict'],
    })
    for (const name of ['one', 'two'])
      await chief.ok('write', { path: `${home}/${name}/SKILL.md`, content: SKILL.replace('NAME', name) })
    const config = {
      relations: {
        parent: {},
        direct_owner: {},
        direct_viewer: {},
        blocked: {},
        parent_viewer: { tupleToUserset: { tupleset: 'parent', computedUserset: 'viewer' } },
        viewer: { union: ['direct_viewer', 'parent_viewer'] },
        unblocked: { exclusion: 'blocked' },
      },
      permissions: {
        read: { intersection: ['viewer', 'unblocked'] },
        write: ['direct_owner'],
        execute: ['direct_owner'],
      },
    }
    await chief.ok('namespace_create', { object_type: 'file', config })
    const relate = (relation: string, path: string) =>
      chief.ok('rebac_create', { subject: ['user', 'rita'], relation, object: ['file', path] })
    await relate('direct_viewer', home)
    await relate('blocked', home)
    await relate('blocked', `${home}/two/SKILL.md`)
    expect(await client.ok('skills_list')).toMatchObject({ skills: [{ name: 'one' }], count: 1 })
  })
})
