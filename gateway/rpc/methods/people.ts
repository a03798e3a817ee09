import { z } from 'zod'
import type { People } from '../../accounts/people.ts'
import type { Provisioned } from '../../accounts/provision.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, withDefault } from '../parameters.ts'

const DAY_MS = 86_400_000

/** Taking people into a tenant, and out of it. */
export function peopleMethods(people: People): Method[] {
  return [provisionMethod(people), deprovisionMethod(people)]
}

function provisionMethod(people: People): Method {
  return defineMethod({
    name: 'provision_user',
    params: z.strictObject({
      user_id: line.min(1),
      email: optional(line.max(320)),
      display_name: optional(line.max(200)),
      tenant_id: optional(line),
      // The tenant's name is its id here.
      tenant_name: ignored,
      create_api_key: optional(z.boolean()),
      api_key_name: optional(line.min(1).max(200)),
      api_key_expires_days: optional(z.int().min(1).max(36_500)),
      create_agents: withDefault(z.boolean(), true),
      import_skills: withDefault(z.boolean(), true),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const days = params.api_key_expires_days
      const made = await people.provision(context, {
        tenant: params.tenant_id,
        userId: params.user_id,
        email: params.email ?? null,
        displayName: params.display_name ?? null,
        withKey: params.create_api_key,
        keyName: params.api_key_name ?? 'First key',
        keyExpiresAt: days === undefined ? null : context.now + days * DAY_MS,
        withAgents: params.create_agents,
        withSkills: params.import_skills,
      })
      return present(made)
    },
    docs: {
      summary: 'Makes what a user begins with: a home, a workspace, and if wanted agents, skills and a key',
      example: { params: { user_id: 'carol', display_name: 'Carol', create_agents: true, import_skills: false } },
    },
  })
}

function deprovisionMethod(people: People): Method {
  return defineMethod({
    name: 'deprovision_user',
    params: z.strictObject({
      user_id: line.min(1),
      tenant_id: optional(line),
      delete_user_record: withDefault(z.boolean(), true),
      force: withDefault(z.boolean(), false),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const gone = await people.deprovision(context, {
        tenant: params.tenant_id,
        userId: params.user_id,
        deleteRecord: params.delete_user_record,
        force: params.force,
      })
      return {
        success: true,
        user_id: gone.userId,
        tenant_id: gone.tenant,
        deleted_directories: gone.directoryRemoved ? [gone.home] : [],
        deleted_api_keys: gone.keys,
        deleted_agents: gone.agents,
        deleted_registrations: gone.registrations,
        user_record_deleted: gone.recordDeleted,
      }
    },
    docs: {
      summary: 'Takes a user out of a tenant, with keys, agents, relationships and home',
      example: {
        before: [['provision_user', { user_id: 'dave', create_agents: false, import_skills: false }]],
        params: { user_id: 'dave' },
      },
    },
  })
}

function present({ userId, tenant, key, workspacePath, created }: Provisioned) {
  const home = `/tenant:${tenant}/user:${userId}`
  return {
    user_id: userId,
    tenant_id: tenant,
    api_key: key?.key ?? null,
    key_id: key?.record.keyId ?? null,
    workspace_path: workspacePath,
    agent_paths: created.agents.map((agent) => `${home}/agent/${agent.slice(userId.length + 1)}`),
    skill_paths: created.skills.map((skill) => `${home}/skill/${skill}`),
    // What this call made: what was there before is not named.
    created_resources: {
      user: created.user,
      directories: created.directories,
      workspace: created.workspace ? workspacePath : null,
      agents: created.agents,
      skills: created.skills,
    },
  }
}
