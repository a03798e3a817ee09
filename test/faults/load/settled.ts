import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { inParallel } from '../../../gateway/in-parallel.ts'
import type { SystemDatabases } from '../../waves/system/databases.ts'
import { Problems } from '../proof.ts'
import { Caller, describe, textOf } from './caller.ts'
import type { ExpectedFile } from './ledger.ts'

interface Tuple {
  readonly object_id: string
  readonly relation: string
  readonly subject_type: string
  readonly subject_id: string
}

const READERS = 8
const MISSING = -32_000

export interface LedgerUsers {
  readonly root: string
  readonly owner: string
  readonly reader: string
}

/** Compares everything below `root` with the files of a ledger, over the public API; the problems, in words. */
export async function compareWithLedger(
  url: string,
  expected: readonly ExpectedFile[],
  users: LedgerUsers,
): Promise<readonly string[]> {
  const admin = new Caller(url, demoKeys.admin, READERS)
  const problems = new Problems()
  try {
    const { files } = await admin.ok<{ files: string[] }>('list', { path: users.root })
    const tuples = await admin.ok<Tuple[]>('rebac_list_tuples', { object_type: 'file' })
    const below = tuples.filter(({ object_id: id }) => id.startsWith(`${users.root}/`))
    const listed = new Set(files)
    const known = new Set(expected.map(({ path }) => path))
    for (const path of listed) problems.expect(known.has(path), `${path} is there, and nobody wrote it`)
    for (const { object_id: id, relation } of below)
      problems.expect(listed.has(id), `there is a ${relation} of ${id}, which is not there`)
    const granted = new Set(below.map((tuple) => tupleText(tuple.object_id, tuple.relation, tuple.subject_id)))
    const comparisons = expected.map((file) => async () => {
      problems.addAll(await compareFile(admin, file, listed.has(file.path)))
      problems.addAll(compareTuples(file, listed.has(file.path), granted, users))
    })
    await inParallel(comparisons)
  } finally {
    admin.close()
  }
  return problems.list
}

async function compareFile(admin: Caller, { path, state }: ExpectedFile, listed: boolean): Promise<string[]> {
  const reply = await admin.call('read', { path })
  const seen =
    reply.kind === 'done' ? textOf(reply.result) : reply.kind === 'refused' && reply.code === MISSING ? null : undefined
  if (seen === undefined) return [`read ${path} ${describe(reply)}`]
  const problems =
    (seen !== null) === listed ? [] : [`${path} is ${listed ? '' : 'not '}in the list, read says otherwise`]
  if (!state.contents.has(seen))
    problems.push(`${path} holds ${brief(seen)} instead of ${[...state.contents].map(brief).join(' or ')}`)
  return problems
}

function compareTuples(
  { path, state }: ExpectedFile,
  exists: boolean,
  granted: ReadonlySet<string>,
  users: LedgerUsers,
): string[] {
  const owned = granted.has(tupleText(path, 'direct_owner', users.owner))
  const shared = granted.has(tupleText(path, 'direct_viewer', users.reader))
  const problems = exists && !owned ? [`${path} has no owner`] : []
  if (!state.shared.has(shared)) problems.push(`${path} is ${shared ? '' : 'not '}shared`)
  return problems
}

function tupleText(object: string, relation: string, subject: string): string {
  return `${object}#${relation}@${subject}`
}

function brief(content: string | null): string {
  return content === null ? 'nothing' : `"${content.slice(0, 100)}"`
}

/**
 * The promises about rows, for a system that was stopped properly; the problems, in words.
 * @param keptVersions of each file
 */
export async function auditDatabases(
  databases: SystemDatabases,
  keptVersions = 1_000,
): Promise<{ summary: string; problems: string[] }> {
  const check = await databases.check()
  const problems = [...check.problems]
  const gaps = await databases.query(
    'rebac',
    `select t.tenant, t.revision, t.trimmed_revision as trimmed, count(l.revision) as entries, min(l.revision) as first
     from tenants t left join log l on l.tenant = t.tenant group by t.tenant, t.revision, t.trimmed_revision`,
  )
  for (const { tenant, revision, trimmed, entries, first } of gaps) {
    const complete = Number(entries) === Number(revision) - Number(trimmed)
    const starts = Number(entries) === 0 || Number(first) === Number(trimmed) + 1
    if (!complete || !starts)
      problems.push(
        `revisions of ${String(tenant)}: ${String(entries)} entries through ${String(revision)}, from ${String(first)}`,
      )
  }
  const versions = await databases.query(
    'gateway',
    `select n.node_id from nodes n left join versions v on v.tenant = n.tenant and v.node_id = n.node_id
     where n.kind = 'file' group by n.tenant, n.node_id, n.version
     having max(v.version) <> n.version or min(v.version) <> n.version - count(v.version) + 1
       or count(v.version) <> case when n.version < ${keptVersions} then n.version else ${keptVersions} end`,
  )
  if (versions.length > 0) problems.push(`${versions.length} files whose versions have gaps`)
  const pending = await databases.query('gateway', 'select seq from outbox')
  if (pending.length > 0) problems.push(`${pending.length} changes of permissions were never applied`)
  const unstored = await databases.query(
    'gateway',
    `select v.node_id from versions v left join contents c on c.content_hash = v.content_hash where c.content_hash is null`,
  )
  if (unstored.length > 0) problems.push(`${unstored.length} versions whose content is not registered`)
  return { summary: check.summary, problems }
}
