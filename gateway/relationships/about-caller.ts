import type { Caller } from '../context.ts'
import type { PermissionSubject } from '../permissions/contract.ts'

/** Oneself, and for a user his agents: their ids begin with his. */
export function isAboutCaller(caller: Caller, subject: PermissionSubject): boolean {
  // Of another tenant, or everybody who has a relation: somebody else.
  if (subject.tenant !== '' || subject.relation !== '') return false
  if (subject.type === caller.subject.type && subject.id === caller.subject.id) return true
  if (caller.agentId !== null) return false
  return subject.type === 'agent' && subject.id.startsWith(`${caller.user},`)
}
