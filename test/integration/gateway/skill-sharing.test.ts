import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'
import { HOME, type Skill, skillMd } from './support/skill-texts.ts'

const VALIDATION = -32005
const DENIED = -32004
const WRONG = -32602

describe.each(ENGINES)('what people do with skills on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let alice: GatewayClient
  let bob: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    admin = await system.as('root', { isAdmin: true, isGlobalAdmin: true })
    alice = await system.as('alice')
    bob = await system.as('bob')
    const grant = (user: string, relation: string, path: string) =>
      admin.ok('rebac_create', { subject: ['user', user], relation, object: ['file', path] })
    await grant('alice', 'direct_owner', '/tenant:acme/user:alice')
    await grant('bob', 'direct_owner', '/tenant:acme/user:bob')
    await grant('alice', 'direct_editor', '/tenant:acme/skill')
    await alice.ok('skills_create', { name: 'notes', description: 'Takes notes' })
  })
  afterAll(() => system.close())

  it('skills_submit_approval, skills_approve, skills_reject and skills_list_approvals', async () => {
    await alice.ok('write', { path: `${HOME}/review/SKILL.md`, content: skillMd('review') })
    const submit = (client: GatewayClient, by: string) =>
      client.call('skills_submit_approval', {
        skill_name: 'review',
        submitted_by: by,
        reviewers: ['carl'],
        comments: 'please',
      })
    const carl = await system.as('carl')
    expect((await submit(bob, 'bob')).error?.code).toBe(VALIDATION)
    expect((await submit(alice, 'bob')).error?.code).toBe(DENIED)
    const { result } = await submit(alice, 'alice')
    const { approval_id } = result as { approval_id: string }
    expect(result).toEqual({ approval_id, skill_name: 'review', submitted_by: 'alice', reviewers: ['carl'] })
    const list = async (client: GatewayClient, params: object = {}) =>
      (await client.ok<{ approvals: object[]; count: number }>('skills_list_approvals', params)).approvals
    expect(await list(alice, { skill_name: 'review', status: 'pending' })).toMatchObject([
      { approval_id, status: 'pending', submitted_by: 'alice', reviewers: ['carl'], comments: 'please' },
    ])
    expect(await list(carl)).toHaveLength(1)
    expect(await list(bob)).toEqual([])
    const decide = (client: GatewayClient, verb: string, by: string, id = approval_id) =>
      client.call(`skills_${verb}`, { approval_id: id, reviewed_by: by, comments: 'fine' })
    expect((await decide(carl, 'approve', 'carl')).error?.code).toBe(DENIED)
    expect((await decide(alice, 'approve', 'alice')).error?.code).toBe(DENIED)
    expect((await decide(bob, 'approve', 'bob')).error?.code).toBe(VALIDATION)
    await admin.ok('rebac_create', {
      subject: ['user', 'carl'],
      relation: 'approver',
      object: ['skill', `${HOME}/review`],
    })
    expect((await decide(carl, 'approve', 'alice')).error?.code).toBe(DENIED)
    expect((await decide(carl, 'approve', 'carl')).result).toEqual({
      approval_id,
      reviewed_by: 'carl',
      reviewer_type: 'user',
      status: 'approved',
    })
    expect((await decide(carl, 'reject', 'carl')).error).toMatchObject({
      code: VALIDATION,
      message: `Approval ${approval_id} is approved already.`,
    })
    expect(await list(alice, { status: 'approved' })).toMatchObject([
      { approval_id, reviewed_by: 'carl', review_comments: 'fine', reviewed_at: expect.any(String) as string },
    ])
    expect((await decide(carl, 'approve', 'carl', 'no-such')).error?.message).toContain('Approval not found: no-such')

    // What was changed since has not been looked at; what was rejected is not published.
    const second = (await submit(alice, 'alice')).result as { approval_id: string }
    await alice.ok('write', { path: `${HOME}/review/new.txt`, content: 'x' })
    expect((await decide(carl, 'approve', 'carl', second.approval_id)).error?.code).toBe(-32006)
    expect((await decide(carl, 'reject', 'carl', second.approval_id)).result).toMatchObject({ status: 'rejected' })
    const third = (await submit(alice, 'alice')).result as { approval_id: string }
    await decide(carl, 'reject', 'carl', third.approval_id)
    expect((await alice.call('skills_publish', { skill_name: 'review' })).error?.message).toContain('was rejected')
    await alice.ok('delete', { path: `${HOME}/review/new.txt` })
    await alice.ok('skills_publish', { skill_name: 'review' })
    const foreign = { approval_id, reviewed_by: 'carl', tenant_id: 'other' }
    expect(await carl.code('skills_approve', foreign)).toBe(DENIED)
    // The right goes with the skill.
    await alice.ok('rename', { old_path: `${HOME}/review`, new_path: `${HOME}/renamed` })
    expect(
      await carl.ok('rebac_check', {
        subject: ['user', 'carl'],
        permission: 'approve',
        object: ['skill', `${HOME}/renamed`],
      }),
    ).toBe(true)
  })

  it('what another tenant shares by name is listed last, found, loaded, chosen and forked, until it is taken back', async () => {
    const base = '/tenant:abroad/user:otto/skill'
    const foreignAdmin = await system.as('boss', { tenant: 'abroad', isAdmin: true })
    const otto = await system.as('otto', { tenant: 'abroad' })
    const ida = await system.as('ida')
    for (const [client, user, path] of [
      [foreignAdmin, 'otto', '/tenant:abroad/user:otto'],
      [admin, 'ida', '/tenant:acme/user:ida'],
    ] as const)
      await client.ok('rebac_create', { subject: ['user', user], relation: 'direct_owner', object: ['file', path] })
    const names = async (method = 'skills_list', params: object = {}) =>
      (await ida.ok<{ skills: Skill[] }>(method, params)).skills.map(({ name }) => name)
    for (const name of ['lent', 'mine', 'kept'])
      await otto.ok('write', { path: `${base}/${name}/SKILL.md`, content: skillMd(name, 'From abroad') })
    await ida.ok('skills_create', { name: 'mine', description: 'At home' })
    const share = (name: string) => ({ resource: ['file', `${base}/${name}`], user_id: 'ida', user_tenant_id: 'acme' })
    expect(await names()).not.toContain('lent')
    for (const name of ['lent', 'mine']) await otto.ok('share_with_user', { ...share(name), relation: 'viewer' })

    expect((await names()).at(-1)).toBe('lent')
    expect(await names()).not.toContain('kept')
    expect(await ida.ok('skills_info', { skill_name: 'mine' })).toMatchObject({ description: 'At home' })
    const found = await ida.ok<{ skills: object[] }>('skills_discover')
    expect(found.skills).toContainEqual(
      expect.objectContaining({ path: `${base}/lent/`, owner: 'otto', is_owned: false, is_public: false }),
    )
    const { results } = await ida.ok<{ results: { skill_name: string }[] }>('skills_search', { query: 'abroad' })
    expect(results.map(({ skill_name }) => skill_name)).toEqual(['lent'])
    expect(await ida.ok('skills_load', { skill_path: 'lent' })).toMatchObject({
      content: skillMd('lent', 'From abroad'),
    })
    await ida.ok('skills_subscribe', { skill_path: `${base}/lent` })
    expect(await names('skills_get_prompt_context')).toEqual(['lent'])
    expect(await ida.code('skills_audit', { skill_name: 'lent' })).toBe(DENIED)
    await ida.ok('skills_fork', { source_name: 'lent', target_name: 'taken' })

    await otto.ok('rename', { old_path: `${base}/lent`, new_path: `${base}/moved` })
    const { skills } = await ida.ok<{ skills: Skill[] }>('skills_list')
    expect(skills.find(({ name }) => name === 'lent')?.file_path).toBe(`${base}/moved/SKILL.md`)
    await otto.ok('revoke_share', share('moved'))
    expect(await names()).not.toContain('lent')
    expect(await names()).toContain('taken')
  })

  it('skills_subscribe, skills_unsubscribe, skills_discover and skills_get_prompt_context', async () => {
    const dora = await system.as('dora')
    await admin.ok('write', { path: '/skill/base/SKILL.md', content: skillMd('base', 'For <all> & sundry') })
    const skill_path = '/skill/base/'
    const prompt = (params: object = {}) =>
      dora.ok<{ xml: string; count: number; skills: Skill[]; token_estimate: number }>(
        'skills_get_prompt_context',
        params,
      )
    expect((await prompt()).skills.map(({ name }) => name)).toContain('base')
    expect(await dora.ok('skills_subscribe', { skill_path })).toEqual({
      success: true,
      skill_path,
      already_subscribed: false,
    })
    expect(await dora.ok('skills_subscribe', { skill_path })).toMatchObject({ already_subscribed: true })
    const { xml, count, token_estimate } = await prompt()
    expect(count).toBe(1)
    expect(xml).toContain('<description>For &lt;all&gt; &amp; sundry</description>')
    expect(token_estimate).toBeGreaterThan(0)
    const discover = async (client: GatewayClient, filter?: string) =>
      (
        await client.ok<{ skills: (Skill & { path: string })[] }>(
          'skills_discover',
          filter === undefined ? {} : { filter },
        )
      ).skills
    expect(await discover(dora, 'subscribed')).toMatchObject([
      { name: 'base', path: '/skill/base/', is_subscribed: true, is_public: true, is_owned: false, owner: 'system' },
    ])
    expect(await discover(dora, 'owned')).toEqual([])
    expect((await discover(alice, 'owned')).map(({ path }) => path)).toContain(`${HOME}/notes/`)
    expect((await discover(alice)).length).toBeGreaterThan((await discover(alice, 'owned')).length)
    expect(await dora.ok('skills_unsubscribe', { skill_path })).toEqual({
      success: true,
      skill_path,
      was_subscribed: true,
    })
    expect(await dora.ok('skills_unsubscribe', { skill_path })).toMatchObject({ was_subscribed: false })
    expect(await dora.code('skills_subscribe', { skill_path: `${HOME}/notes` })).toBe(DENIED)
    expect(await dora.code('skills_subscribe', { skill_path: `${HOME}/no-such` })).toBe(DENIED)
    expect(await alice.code('skills_subscribe', { skill_path: `${HOME}/no-such` })).toBe(VALIDATION)
    expect(await alice.code('skills_subscribe', { skill_path: '/tenant:acme/user:alice/doc.txt' })).toBe(VALIDATION)
    expect(await dora.code('skills_discover', { filter: 'mine' })).toBe(WRONG)
  })

  it.each([
    ['user:erik', true],
    ['group:crew', true],
    ['tenant', true],
    ['public', true],
    ['agent:erik,bot', false],
  ])('skills_share and skills_unshare with %s', async (share_with, reaches) => {
    const erik = await system.as('erik')
    await admin.ok('rebac_create', { subject: ['user', 'erik'], relation: 'member', object: ['group', 'crew'] })
    const skill_path = `${HOME}/notes/`
    const sees = async () =>
      (await erik.ok<{ skills: Skill[] }>('skills_list')).skills.some(({ name }) => name === 'notes')
    expect(await sees()).toBe(false)
    expect(await erik.code('skills_share', { skill_path, share_with })).toBe(DENIED)
    expect(await alice.ok('skills_share', { skill_path, share_with })).toEqual({
      success: true,
      tuple_id: expect.any(String) as string,
      skill_path,
      share_with,
    })
    expect(await sees()).toBe(reaches)
    if (reaches) expect(await erik.code('skills_share', { skill_path, share_with: 'public' })).toBe(DENIED)
    if (reaches) expect(await erik.code('skills_unshare', { skill_path, share_with })).toBe(DENIED)
    expect(await alice.ok('skills_unshare', { skill_path, share_with })).toMatchObject({ success: true })
    expect(await sees()).toBe(false)
    expect(await alice.ok('skills_unshare', { skill_path, share_with })).toMatchObject({ success: false })
    expect(await alice.code('skills_share', { skill_path, share_with: 'everybody' })).toBe(VALIDATION)
  })

  it('skills_load, skills_versions, skills_usage and skills_audit', async () => {
    await alice.ok('skills_create', { name: 'traced', description: 'Leaves traces' })
    await alice.ok('write', { path: `${HOME}/traced/scripts/a.sh`, content: 'a' })
    await alice.ok('write', { path: `${HOME}/traced/SKILL.md`, content: skillMd('traced', 'New', 'version: "2"\n') })
    const loaded = await alice.ok('skills_load', { skill_path: `${HOME}/traced/SKILL.md` })
    expect(loaded).toMatchObject({
      name: 'traced',
      path: `${HOME}/traced/`,
      owner: 'alice',
      description: 'New',
      content: skillMd('traced', 'New', 'version: "2"\n'),
      scripts: [`${HOME}/traced/scripts/a.sh`],
      references: [],
      assets: [],
    })
    expect(await alice.ok('skills_load', { skill_path: 'traced' })).toEqual(loaded)
    await alice.ok('skills_export', { skill_name: 'traced' })
    expect(await alice.ok('skills_usage', { skill_name: 'traced' })).toMatchObject({
      total: 3,
      uses: { load: 2, export: 1 },
    })
    expect(await alice.ok('skills_versions', { skill_name: 'traced' })).toMatchObject({
      versions: [
        { version: 2, skill_version: '2', created_by: 'user:alice' },
        { version: 1, skill_version: null },
      ],
    })
    const { entries } = await alice.ok<{ entries: { action: string; actor: string }[] }>('skills_audit', {
      skill_name: 'traced',
    })
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['write', 'user:alice'],
      ['write', 'user:alice'],
      ['skills_create', 'user:alice'],
    ])
    await alice.ok('skills_share', { skill_path: `${HOME}/traced`, share_with: 'user:bob' })
    expect(await bob.code('skills_audit', { skill_name: 'traced' })).toBe(DENIED)
    expect(await bob.ok('skills_usage', { skill_name: 'traced' })).toMatchObject({ total: 3 })
    expect(await bob.code('skills_load', { skill_path: `${HOME}/notes` })).toBe(DENIED)
    expect(await bob.code('skills_load', { skill_path: `${HOME}/no-such` })).toBe(DENIED)
  })
})
