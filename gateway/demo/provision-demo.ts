import { createHash, randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { CallContext, Caller } from '../context.ts'
import type { Files } from '../files/contract.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { ADMIN_HOME, agentId, ALICE_HOME, DEMO_TENANT, demoKeyRecords } from './accounts.ts'
import { starterAgents } from '../starter/starter-agents.ts'
import { readDemoVersion } from './commands.ts'
import { demoGrants } from './grants.ts'
import { inParallel } from '../in-parallel.ts'
import { readStarterSkills } from '../starter/starter-skills.ts'
import { adminFiles, aliceFiles, DEMO_WORKSPACE, type DemoFile, demoDirectories, skillFiles } from './tree.ts'

/** Changes when this program makes other things than before, apart from the contents of files. */
const LAYOUT_VERSION = '1'
const TIMEOUT_MS = 60_000

export interface DemoOptions {
  readonly db: GatewayDatabase
  readonly files: Files
  readonly permissions: Permissions
  readonly logger: Logger
}

/**
 * Makes the demo's accounts, files and relationships through the server's own code. What is there already stays as it
 * is, so it may be repeated, also by two gateways at once.
 */
export async function provisionDemo(options: DemoOptions): Promise<void> {
  const { db, files, permissions, logger } = options
  const now = Date.now()
  const skills = await readStarterSkills()
  const all = [...skills.flatMap(skillFiles), ...adminFiles(), ...aliceFiles()]
  const version = versionOf(all)
  if ((await db.read(readDemoVersion)) === version) return

  await putRecords(db, now)
  const operations = demoGrants().map((relationship) => ({ kind: 'touch', relationship }) as const)
  await permissions.write({ tenant: DEMO_TENANT, operations, idempotencyKey: randomUUID(), deadline: now + TIMEOUT_MS })

  const contextFor = (path: string) => contextOf(ownerOf(path), now)
  // Directories first, and one after the other: files below them then find everything above them at rest.
  for (const path of demoDirectories(skills.map(({ name }) => name))) {
    await files.mkdir(contextFor(path), path, { parents: true, existOk: true })
  }
  const made = await inParallel(all.map((file) => () => create(files, contextFor(file.path), file)))
  await db.write('setDemoVersion', version)
  logger.info({ files: made.filter(Boolean).length, ms: Date.now() - now }, 'the demo data was made')
}

async function putRecords(db: GatewayDatabase, now: number): Promise<void> {
  for (const key of demoKeyRecords(now)) await db.write('createKey', key)
  for (const agent of starterAgents) {
    await db.write('putAgent', {
      tenant: DEMO_TENANT,
      agentId: agentId(agent),
      userId: 'admin',
      name: agent.name,
      description: agent.description,
      inheritPermissions: agent.inherits,
      metadata: { platform: 'nexus' },
      configPath: `${ADMIN_HOME}/agent/${agent.name}/config.yaml`,
      createdAt: now,
    })
  }
  await db.write('putWorkspace', {
    tenant: DEMO_TENANT,
    path: DEMO_WORKSPACE,
    name: 'my workspace',
    description: 'A workspace to try things in',
    createdBy: 'admin',
    metadata: {},
    tags: [],
    sessionId: null,
    createdAt: now,
    expiresAt: null,
  })
}

/** False if there is a file already. */
async function create(files: Files, context: CallContext, file: DemoFile): Promise<boolean> {
  try {
    await files.write(context, file.path, file.content, { ifNoneMatch: true })
    return true
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'FILE_EXISTS') return false
    throw error
  }
}

/**
 * Who makes a path: its owner by relationship. Only the server-wide tree takes an administrator, who elsewhere would
 * come to own whatever has to be made above the path too.
 */
function ownerOf(path: string): Caller {
  return path.startsWith(`${ALICE_HOME}/`)
    ? userCaller('alice', false)
    : userCaller('admin', path.startsWith('/skill/'))
}

function userCaller(user: string, isAdmin: boolean): Caller {
  return {
    keyId: `demo-key-${user}`,
    tenant: DEMO_TENANT,
    subject: { tenant: '', type: 'user', id: user, relation: '' },
    user,
    agentId: null,
    isAdmin,
    isGlobalAdmin: isAdmin,
    inheritPermissions: false,
  }
}

function contextOf(caller: Caller, now: number): CallContext {
  return { caller, requestId: 'demo', now, scope: { context: {}, deadline: now + TIMEOUT_MS, atLeastAsFresh: null } }
}

function versionOf(files: readonly DemoFile[]): string {
  const hash = createHash('sha256').update(LAYOUT_VERSION)
  for (const { path, content } of files) hash.update(`\n${path} ${content.length}\n`).update(content)
  return hash.digest('hex')
}
