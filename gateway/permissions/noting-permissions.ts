import type { Permissions } from './contract.ts'
import type { PermissionService } from './rebac-permissions.ts'
import type { Revision, RevisionNotes } from './revision-notes.ts'

/** Where what is changed now is noted; undefined: nowhere. */
export type NotesNow = () => RevisionNotes | undefined

/** The same permissions; the revisions that changes make are noted. */
export function notingPermissions(inner: Permissions, notesNow: NotesNow): Permissions {
  const noted = async <A extends Revision>(tenant: string, change: Promise<A>): Promise<A> => {
    const answer = await change
    notesNow()?.note(tenant, answer)
    return answer
  }
  return {
    check: (...question) => inner.check(...question),
    verdicts: (...question) => inner.verdicts(...question),
    listObjects: (...question) => inner.listObjects(...question),
    write: (request) => noted(request.tenant, inner.write(request)),
    deleteMatching: (request) => noted(request.tenant, inner.deleteMatching(request)),
    move: (request) => noted(request.tenant, inner.move(request)),
    read: (request) => inner.read(request),
    head: (...tenant) => inner.head(...tenant),
    healthy: (deadline) => inner.healthy(deadline),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
  }
}

/** As notingPermissions, also of schemas. */
export function notingService(inner: PermissionService, notesNow: NotesNow): PermissionService {
  const { insight } = inner
  return {
    ...notingPermissions(inner, notesNow),
    insight: {
      ...insight,
      async writeSchema(request) {
        const made = await insight.writeSchema(request)
        notesNow()?.note(request.tenant, made)
        return made
      },
    },
  }
}
