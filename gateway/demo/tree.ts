import { stringify } from 'yaml'
import { ADMIN_HOME, agentId, ALICE_HOME, DEMO_TENANT } from './accounts.ts'
import { type StarterAgent, starterAgents } from '../starter/starter-agents.ts'
import type { StarterSkill } from '../starter/starter-skills.ts'
import { adminTexts, aliceTexts, sharedTexts } from './texts.ts'

export interface DemoFile {
  readonly path: string
  readonly content: Uint8Array
}

/** The folders that every home has. */
const HOME_FOLDERS = ['workspace', 'memory', 'skill', 'agent', 'connector', 'resource'] as const

export const DEMO_WORKSPACE = `${ADMIN_HOME}/workspace/ws_my_workspace`

/** Explicit directories, parents first. */
export function demoDirectories(skills: readonly string[]): readonly string[] {
  return [
    ...HOME_FOLDERS.map((folder) => `${ADMIN_HOME}/${folder}`),
    ...skills.map((skill) => `${ADMIN_HOME}/skill/${skill}`),
    ...starterAgents.map((agent) => `${ADMIN_HOME}/agent/${agent.name}`),
    DEMO_WORKSPACE,
    ...['workspace', 'skill'].map((folder) => `${ALICE_HOME}/${folder}`),
    `${ALICE_HOME}/skill/meeting-notes`,
  ]
}

/** The administrator's copy of a skill. */
export function skillFiles({ name, files }: StarterSkill): readonly DemoFile[] {
  return files.map((file) => ({ ...file, path: `${ADMIN_HOME}/skill/${name}/${file.path}` }))
}

/** Files of the administrator and of everybody, but for the skills. */
export function adminFiles(): readonly DemoFile[] {
  return [
    ...HOME_FOLDERS.map((folder) => text(`${ADMIN_HOME}/${folder}/.placeholder`, '')),
    ...Object.entries(adminTexts).map(([path, content]) => text(`${ADMIN_HOME}/${path}`, content)),
    ...Object.entries(sharedTexts).map(([path, content]) => text(path, content)),
    ...starterAgents.map((agent) => text(`${ADMIN_HOME}/agent/${agent.name}/config.yaml`, agentConfig(agent))),
  ]
}

export function aliceFiles(): readonly DemoFile[] {
  return Object.entries(aliceTexts).map(([path, content]) => text(`${ALICE_HOME}/${path}`, content))
}

function agentConfig(agent: StarterAgent): string {
  return stringify({
    agent_id: agentId(agent),
    name: agent.name,
    user_id: 'admin',
    description: agent.description,
    created_at: '2026-01-01T00:00:00+00:00',
    metadata: { platform: 'nexus', tenant: DEMO_TENANT },
    inherit_permissions: agent.inherits,
  })
}

function text(path: string, content: string): DemoFile {
  return { path, content: Buffer.from(content, 'utf8') }
}
