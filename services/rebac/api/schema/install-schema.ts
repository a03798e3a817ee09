import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Relationship } from '../../model/relationship.ts'
import { acceptedShapes } from '../../schema/accepted-shapes.ts'
import type { Schema } from '../../schema/schema.ts'
import type { WriteSchemaRequest } from '../../store/contract.ts'
import type { ApiContext } from '../api-context.ts'
import { findStranded, fits, strandsError } from './stranded.ts'

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
 * Makes a schema the newest and returns its revision. What is stored is compared with it first; what was written
 * meanwhile is compared by the transaction that installs it, as far as its shape decides, and else here, once more.
 * Whoever writes later validates against this schema: the transaction of a write refuses an older one.
 * @throws NexusError SCHEMA_STRANDS_RELATIONSHIPS, SCHEMA_CHANGED, CONFLICT if others never stop writing
 */
export async function installSchema(api: ApiContext, installation: Installation): Promise<number> {
  const { tenant, schema, force, deadline } = installation
  if (force || schema.open) return write(api, installation, null)
  const stranded = await findStranded(api.store, tenant, schema)
  if (stranded.count > 0) throw strandsError(stranded)
  const shapes = acceptedShapes(schema)
  for (let { revision } = stranded; ; revision = await lookFurther(api, tenant, schema, revision)) {
    try {
      return await write(api, installation, { revision, shapes })
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'CONFLICT') || Date.now() >= deadline) throw error
    }
  }
}

async function write(
  api: ApiContext,
  installation: Installation,
  checked: WriteSchemaRequest['checked'],
): Promise<number> {
  const { tenant, schema, expectedVersion, deadline } = installation
  const { version, source } = schema
  try {
    const request = { tenant, version, source, expectedVersion, checked, now: Date.now(), deadline }
    const { revision } = await api.store.writeSchema(request)
    api.tenants.schemaWritten(tenant, revision, version, schema)
    return revision
  } catch (error) {
    api.tenants.distrust(tenant)
    if (!(error instanceof NexusError && error.reason === 'SCHEMA_CHANGED') || expectedVersion === null) throw error
    throw new NexusError('SCHEMA_CHANGED', `The newest schema is not "${expectedVersion}" any more.`, { cause: error })
  }
}

/** Looks through what was written after a revision, and returns the revision up to which that is known then. */
async function lookFurther(api: ApiContext, tenant: string, schema: Schema, after: number): Promise<number> {
  const stranded = new Map<string, Relationship>()
  for (let from = after; ; ) {
    const { entries, mayHaveMore } = await api.store.readLog(tenant, from, LOG_PAGE)
    for (const change of entries.flatMap(({ changes }) => changes)) {
      if (change.before !== null) stranded.delete(change.before.id)
      if (change.after !== null && !fits(schema, change.after)) stranded.set(change.after.id, change.after)
    }
    from = entries.at(-1)?.revision ?? from
    if (mayHaveMore) continue
    if (stranded.size > 0) throw strandsError({ count: stranded.size, first: Array.from(stranded.values()) })
    return from
  }
}
