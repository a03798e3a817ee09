import { DENIED, done, type Outcome, type ParamsOf } from '../calls.ts'
import { type Actor, isAllowed } from '../rights.ts'
import type { ModelState } from '../state.ts'

/** Answers the handle of the grant. */
export function create(state: ModelState, actor: Actor, params: ParamsOf<'rebac_create'>): Outcome {
  const { path, relation } = params
  const [type, id, userset] = params.subject
  const subject = `${type}:${id}${userset === undefined ? '' : `#${userset}`}`
  if (!isAllowed(state, actor, 'execute', path)) return DENIED
  state.grant(path, relation, subject)
  const grant = state.findGrant(path, relation, subject)
  const handle = grant?.handle ?? state.grantHandles++
  state.grants = state.grants.map((one) => (one === grant ? { ...one, handle } : one))
  return done(handle)
}

/** Answers whether there was such a grant that the actor may take back. */
export function remove(state: ModelState, actor: Actor, params: ParamsOf<'rebac_delete'>): Outcome {
  const grant = state.grants.find(({ handle }) => handle === params.grant)
  if (grant === undefined || !isAllowed(state, actor, 'execute', grant.path)) return done(false)
  state.grants = state.grants.filter((one) => one !== grant)
  return done(true)
}
