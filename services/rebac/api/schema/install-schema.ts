import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Schema } from '../../schema/schema.ts'
import type { LogEntry } from '../../store/contract.ts'
import { FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { ApiContext } from '../api-context.ts'
import { findStranded, strandedIn, strandsError } from './stranded.ts'

/** A schema on its way to become a tenant's newest. */
export interface Installation {
  readonly tenant: string
  readonly schema: Schema
  /** null: whatever it is now; '' the built-in one. */
  readonly expectedVersion: string | null
  /** Even if stored relationships have no effect under it. */
  readonly force: boolean
  /** Milliseconds since 1970. */
  readonly deadline: number
}

const LOG_PAGE = 1_000

/**
 * Makes a schema the newest and returns its revision. Who writes relationships meanwhile is either seen here, or has
 * to validate anew against this schema.
 * @throws NexusError SCHEMA_STRANDS_RELATIONSHIPS, SCHEMA_CHANGED
 */
export async function installSchema(api: ApiContext, installation: Installation): Promise<number> {
  const { tenant, schema, expectedVersion, force, deadline } = installation
  const mayStrand = !force && !schema.open
  let seen = 0
  if (mayStrand) {
    const stranded = await findStranded(api.store, tenant, schema)
    if (stranded.count > 0) throw strandsError(stranded)
    seen = stranded.revision
  }
  const before = await api.tenants.view(tenant, FULLY_CONSISTENT, deadline)
  const revision = await write(api, installation, expectedVersion)
  if (!mayStrand) return revision
  const meanwhile = strandedIn(await entriesBetween(api, tenant, seen, revision), schema)
  if (meanwhile.length === 0) return revision
  // They were acknowledged before this schema was there: it gives way.
  const version = before.schemaVersion === '' ? uuidv7() : before.schemaVersion
  await write(api, { ...installation, schema: { ...before.schema, version } }, schema.version)
  throw strandsError({ count: meanwhile.length, first: meanwhile })
}

async function write(api: ApiContext, installation: Installation, expectedVersion: string | null): Promise<number> {
  const { tenant, schema, deadline } = installation
  const { version, source } = schema
  try {
    const { revision } = await api.store.writeSchema({
      tenant,
      version,
      source,
      expectedVersion,
      now: Date.now(),
      deadline,
    })
    api.tenants.schemaWritten(tenant, revision, version, schema)
    return revision
  } catch (error) {
    api.tenants.distrust(tenant)
    if (!(error instanceof NexusError && error.reason === 'SCHEMA_CHANGED') || expectedVersion === null) throw error
    throw new NexusError('SCHEMA_CHANGED', `The newest schema is not "${expectedVersion}" any more.`, { cause: error })
  }
}

async function entriesBetween(api: ApiContext, tenant: string, after: number, until: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for (let from = after; from < until; ) {
    const page = await api.store.readLog(tenant, from, LOG_PAGE)
    entries.push(...page)
    from = page.at(-1)?.revision ?? until
  }
  return entries.filter((entry) => entry.revision < until)
}
