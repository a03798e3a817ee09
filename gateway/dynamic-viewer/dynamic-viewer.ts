import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { afterWaiting } from '../files/backing.ts'
import { checkTime, type FileDeps, whenOpen } from '../files/deps.ts'
import { resolveFilePath, type TreePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { bringContent, fileOf, isSettled } from '../files/read.ts'
import type { Permissions, PermissionSubject, RelationshipRow } from '../permissions/contract.ts'
import { isAboutCaller } from '../relationships/about-caller.ts'
import { denied } from '../relationships/denied.ts'
import { columnConfigOf } from '../relationships/relationship-row.ts'
import { DYNAMIC_VIEWER } from '../relationships/dynamic-viewer-relation.ts'
import type { RelationshipsOptions } from '../relationships/relationships.ts'
import { columnConfig, type ColumnConfig } from './column-config.ts'
import type { FilteredTable } from './filter-csv.ts'
import { checkTableSize, TableWork } from './table-work.ts'

/** A file as a dynamic viewer sees it, or the whole of it for whoever may read it. */
export interface View {
  readonly content: Uint8Array
  readonly config: ColumnConfig | null
  readonly table: FilteredTable | null
}

/**
 * Columns of tables for those who may not read the whole. The relation gives no other right on the file: whatever else
 * reads it (read, read_range, versions, grep, copy ...) refuses a dynamic viewer.
 */
export interface DynamicViewer {
  /** What a subject sees of a table; null if nothing was set. @throws NexusError ACCESS_DENIED */
  configOf(context: CallContext, subject: PermissionSubject, path: string): Promise<ColumnConfig | null>
  /** @throws NexusError ACCESS_DENIED, FILE_NOT_FOUND, INVALID_PARAMS, TOO_LARGE */
  read(context: CallContext, subject: PermissionSubject, path: string): Promise<View>
  /** What a configuration shows of a text. @throws NexusError INVALID_PARAMS, TOO_LARGE */
  filter(context: CallContext, text: Uint8Array, config: ColumnConfig): Promise<FilteredTable>
}

export interface DynamicViewerOptions extends Pick<RelationshipsOptions, 'rights' | 'auditor'> {
  readonly files: FileDeps
  readonly permissions: Permissions
}

export function createDynamicViewer(options: DynamicViewerOptions): DynamicViewer {
  const work = new TableWork()
  return {
    async configOf(context, subject, path) {
      const at = await admitted(options, context, subject, path)
      return await configFor(options, context, subject, at)
    },
    read: (context, subject, path) => read(options, work, context, subject, path),
    filter: (context, text, config) =>
      work.filter(context, { size: text.length, load: () => Promise.resolve(text) }, config, false),
  }
}

/** One's own view, or that of somebody else on what one owns. */
async function admitted(
  { rights, auditor }: DynamicViewerOptions,
  context: CallContext,
  subject: PermissionSubject,
  path: string,
): Promise<TreePath> {
  const at = resolveFilePath(path, context.caller.tenant)
  const object = { type: 'file', id: at.path, written: path, graph: at.tree }
  const home = at.tree === context.caller.tenant || context.caller.isGlobalAdmin
  if (!(home && isAboutCaller(context.caller, subject))) {
    const [owner] = home ? await rights.owns(context, [object]) : [false]
    if (owner !== true) throw denied(auditor, context, 'read_with_dynamic_viewer', object)
  }
  return at
}

/**
 * What holds for a subject: what was set for it by name; else, for a group that it is in, what was set first. Never a
 * mixture: two views joined row by row would show more than each.
 */
async function configFor(
  { permissions }: DynamicViewerOptions,
  { scope }: CallContext,
  subject: PermissionSubject,
  at: TreePath,
): Promise<ColumnConfig | null> {
  const filter = { objectType: 'file', objectId: at.path, relations: [DYNAMIC_VIEWER] }
  const rows = await permissions.read({ tenant: at.tree, filter, deadline: scope.deadline })
  const ordered = rows.toSorted(
    (a, b) => Number(isOther(a, subject)) - Number(isOther(b, subject)) || (a.id < b.id ? -1 : 1),
  )
  const [holds] = await permissions.check([questionOf(at, DYNAMIC_VIEWER, subject)], scope)
  if (holds !== true) return null
  for (const row of ordered) {
    if (!(await concerns(permissions, row, subject, at, scope))) continue
    // What cannot be read shows nothing, and what stands behind it does not count instead.
    const config = columnConfig.safeParse(columnConfigOf(row))
    return config.success ? config.data : null
  }
  return null
}

async function concerns(
  permissions: Permissions,
  row: RelationshipRow,
  subject: PermissionSubject,
  at: TreePath,
  scope: CallContext['scope'],
): Promise<boolean> {
  // Whether a condition holds is known of the relation as a whole only.
  if (row.conditionName !== '') return false
  if (!isOther(row, subject)) return true
  const { type, id, relation } = row.subject
  if (relation === '') return id === '*' && (type === '*' || type === subject.type)
  const question = { ...questionOf(at, relation, subject), objectType: type, objectId: id }
  const [member] = await permissions.check([question], scope)
  return member === true
}

function isOther({ subject: { tenant, type, id, relation } }: RelationshipRow, subject: PermissionSubject): boolean {
  return tenant !== '' || type !== subject.type || id !== subject.id || relation !== ''
}

function questionOf(at: TreePath, relation: string, subject: PermissionSubject) {
  const { tree: tenant, path: objectId } = at
  return { tenant, objectType: 'file', objectId, relation, subject, alsoAs: [], resolveInheritance: false }
}

async function mayReadAll(
  { files, permissions }: DynamicViewerOptions,
  context: CallContext,
  subject: PermissionSubject,
  at: TreePath,
): Promise<boolean> {
  const { type, id } = context.caller.subject
  // Oneself may also be an administrator.
  if (subject.type === type && subject.id === id) {
    return await files.guard.allows(context, at.tree, 'read_with_dynamic_viewer', { path: at.path, access: 'read' })
  }
  const question = { ...questionOf(at, 'read', subject), resolveInheritance: subject.type === 'agent' }
  const [reads] = await permissions.check([question], context.scope)
  return reads === true
}

async function read(
  options: DynamicViewerOptions,
  work: TableWork,
  caller: CallContext,
  subject: PermissionSubject,
  path: string,
): Promise<View> {
  const { files } = options
  const at = await admitted(options, caller, subject, path)
  let context = caller
  for (let before = await whenOpen(files, context, at, lookup); ; ) {
    const config = await configFor(options, context, subject, at)
    if (config === null) await requireWhole(options, context, subject, at)
    const checkSize = config === null ? (size: number) => files.contents.checkWhole(size) : checkTableSize
    const { mountId } = before
    if (mountId !== null) {
      await bringContent(files, context, at, mountId, checkSize)
      context = afterWaiting(caller)
    }
    // As with a plain read: only what stood there before and after is what the answer was about.
    const after = await whenOpen(files, context, at, lookup)
    if (!isSettled(before.node, after.node)) {
      checkTime(caller)
      before = after
      continue
    }
    const { content_hash: hash, size } = fileOf(at.path, after.node)
    const load = () => files.contents.get(hash, size)
    if (config === null) return { content: await load(), config, table: null }
    const table = await work.filter(context, { size, load }, config, true)
    return { content: Buffer.from(table.text, 'utf8'), config, table }
  }
}

/** @throws NexusError ACCESS_DENIED */
async function requireWhole(
  options: DynamicViewerOptions,
  context: CallContext,
  subject: PermissionSubject,
  at: TreePath,
): Promise<void> {
  if (await mayReadAll(options, context, subject, at)) return
  options.auditor.denied(context, 'read_with_dynamic_viewer', at.path)
  throw new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${subject.id}' does not have READ permission for '${at.path}'`,
  )
}
