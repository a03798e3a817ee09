import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { resolvePath, SERVER_TREE } from '../files/paths.ts'
import type { RelationshipRow } from '../permissions/contract.ts'

/** Types whose ids are paths. */
const FILE = 'file'

/** An object, or a subject that is one, as the permission service knows it. */
export interface ObjectName {
  readonly type: string
  readonly id: string
  /** As the client wrote it, and will compare it. */
  readonly written: string
  /** The tenant in whose graph its relationships live. */
  readonly graph: string
}

/**
 * The one spelling of an object: paths as the file system has them, all else in NFC.
 * @throws NexusError INVALID_PATH
 */
export function objectName(type: string, id: string, callerTenant: string): ObjectName {
  if (type !== FILE) return { type: type.normalize('NFC'), id: id.normalize('NFC'), written: id, graph: callerTenant }
  const { path, tree } = resolvePath(id, callerTenant)
  return { type, id: path, written: id, graph: tree }
}

/** The object of a stored relationship: its id is what it is, whoever wrote it. */
export function storedObject(row: RelationshipRow, graph: string): ObjectName {
  return { type: row.objectType, id: row.objectId, written: row.objectId, graph }
}

/** @throws NexusError INVALID_PARAMS: nothing that is stored there would count */
export function refuseServerTree(object: ObjectName): void {
  if (object.graph !== SERVER_TREE) return
  throw new NexusError(
    'INVALID_PARAMS',
    'relationships do not apply below /skill: everybody may read it, and global administrators write it',
  )
}
