import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { change } from '../files/change.ts'
import type { WriteFileRequest } from '../files/commands/write-file.ts'
import { type FileDeps, whenOpen } from '../files/deps.ts'
import type { NodeRow } from '../files/nodes.ts'
import { resolvePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { newContent, PreparedContent, writeRequest } from '../files/write.ts'
import type { AgentRecord } from './agent-record.ts'
import { MAX_CONFIG_BYTES, writeAgentConfig } from './agent-config.ts'
import type { AgentChange } from './commands.ts'

/** An attempt to change an agent: what it would be, and the command that makes it so. */
export interface AgentAttempt<A extends AgentRecord> {
  readonly agent: A
  readonly run: (config: WriteFileRequest) => Promise<AgentChange>
}

/**
 * Changes an agent together with its config.yaml, which keeps what its owner wrote there meanwhile. Who may is decided
 * before: the file belongs to the agent. `begin` is asked again for each attempt, so that none builds on a record that
 * somebody else has changed. Answers the agent of the attempt that was made; null if there is no such agent.
 */
export async function changeWithConfig<A extends AgentRecord>(
  deps: FileDeps,
  context: CallContext,
  configPath: string,
  begin: () => Promise<AgentAttempt<A>>,
): Promise<A | null> {
  const at = resolvePath(configPath, context.caller.tenant)
  const result = await change(deps, context, at, async (found) => {
    const { agent, run } = await begin()
    const bytes = writeAgentConfig(agent, await contentOf(deps, found.node))
    const prepared = new PreparedContent(newContent(deps, context, bytes), at.path)
    const seen = found.node?.content_hash
    const options = seen === undefined || seen === null ? {} : { ifMatch: seen }
    const decision = { bypass: false, owns: true }
    try {
      const made = settled(await run(await writeRequest(deps, context, { at, found, decision, prepared, options })))
      return made.outcome === 'done' ? { ...made, agent } : made
    } catch (error) {
      // Somebody wrote the file meanwhile.
      if (error instanceof NexusError && error.reason === 'CONFLICT') return { outcome: 'changed' as const }
      throw error
    }
  })
  return (await applied(deps, context, result)) ? result.agent : null
}

/** The config.yaml of an agent; null if there is none, or it is too large to be one. */
export async function readConfig(deps: FileDeps, context: CallContext, agent: AgentRecord): Promise<Uint8Array | null> {
  const at = resolvePath(agent.configPath, agent.tenant)
  return await contentOf(deps, (await whenOpen(deps, context, at, lookup)).node)
}

/** What `change` takes for an end: it waits for one receipt itself, and here there are several. */
export function settled(result: AgentChange) {
  if (result.outcome === 'done') return { ...result, known: true, receipt: null }
  if (result.outcome === 'unknown') return { outcome: 'done' as const, known: false, receipts: [], receipt: null }
  return result
}

/** Waits until the permissions of a change are applied. */
export async function applied(
  deps: FileDeps,
  context: CallContext,
  result: Extract<ReturnType<typeof settled>, { outcome: 'done' }>,
): Promise<boolean> {
  await Promise.all(result.receipts.map((receipt) => deps.outbox.committed(receipt, context.scope.deadline)))
  return result.known
}

async function contentOf(deps: FileDeps, node: NodeRow | null): Promise<Uint8Array | null> {
  if (node === null || node.content_hash === null || node.size > MAX_CONFIG_BYTES) return null
  return await deps.contents.get(node.content_hash, node.size)
}
