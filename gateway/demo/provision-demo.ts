import { createHash, randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext, Caller } from '../context.ts'
import type { Files } from '../files/contract.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { ADMIN_HOME, agentId, DEMO_TENANT, demoAgents, demoKeyRecords } from './accounts.ts'
import { readDemoVersion } from './commands.ts'
import { demoGrants } from './grants.ts'
import { inParallel } from './in-parallel.ts'
import { readDemoSkills } from './skill-files.ts'
import { adminFiles, aliceFiles, DEMO_WORKSPACE, type DemoFile, demoDirectories } from './tree.ts'

/** Changes when this program makes other things than before, apart from the contents of files. */
const LAYOUT_VERSION = '1'
const TIMEOUT_MS = 60_000

export interface DemoOptions {
  readonly db: GatewayDatabase
  readonly files: Files
  readonly permissions: Permissions
}

/**
 * Makes the demo's accounts, files and relationships through the server's own code. What is there already stays as it
 * is, so it may be repeated, also by two gateways at once. Answers how many files were made.
 */
export async function provisionDemo(options: DemoOptions): Promise<number> {
  const { db, files, permissions } = options
  const now = Date.now()
  const skills = await readDemoSkills()
  const own = [...skills.files, ...adminFiles()]
  const alices = aliceFiles()
  const version = versionOf([...own, ...alices])
  if ((await db.read(readDemoVersion)) === version) return 0

  await putRecords(db, now)
  const operations = demoGrants().map((relationship) => ({ kind: 'touch', relationship }) as const)
  await permissions.write({ tenant: DEMO_TENANT, operations, idempotencyKey: randomUUID(), deadline: now + TIMEOUT_MS })

  const asAdmin = contextOf(adminCaller, now)
  // Directories first, and one after the other: files below them then find everything above them at rest.
  for (const path of demoDirectories(skills.names)) {
    const owner = path.startsWith(ADMIN_HOME) ? asAdmin : contextOf(aliceCaller, now)
    await files.mkdir(owner, path, { parents: true, existOk: true })
  }
  const made = await inParallel([
    ...own.map((file) => () => create(files, asAdmin, file)),
    ...alices.map((file) => () => create(files, contextOf(aliceCaller, now), file)),
  ])
  await db.write('setDemoVersion', version)
  return made.filter(Boolean).length
}

async function putRecords(db: GatewayDatabase, now: number): Promise<void> {
  for (const key of demoKeyRecords(now)) await db.write('createKey', key)
  for (const agent of demoAgents) {
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
    createdAt: now,
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

const adminCaller = userCaller('admin', true)
const aliceCaller = userCaller('alice', false)

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
