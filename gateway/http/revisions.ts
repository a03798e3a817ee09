import type { AsyncLocalStorage } from 'node:async_hooks'
import type { NextFunction, Request, Response } from 'express'
import onHeaders from 'on-headers'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Freshness } from '../permissions/contract.ts'
import { RevisionNotes } from '../permissions/revision-notes.ts'
import { header } from './request-facts.ts'

const NAME = 'X-Nexus-Revision'
/** A token of the caller's own tenant stands alone, another one after its tenant. */
const ONE = /^(?:([a-z0-9][a-z0-9_-]{0,62}):)?([\w-]{1,1024})$/
/** More is nothing that this server has given. */
const MAX_LENGTH = 8_192

/** What a client has seen already, by X-Nexus-Revision. @throws NexusError INVALID_TOKEN */
export function revisionsOf(request: Request, ownTenant: string): Freshness | null {
  const given = header(request, 'x-nexus-revision')
  if (given === undefined) return null
  const tokens = new Map<string, string>()
  for (const one of given.length > MAX_LENGTH ? [''] : given.split(',')) {
    const [, tenant = ownTenant, token] = ONE.exec(one.trim()) ?? []
    if (token === undefined || tokens.has(tenant)) {
      throw new NexusError('INVALID_TOKEN', `${NAME} is not what this server has given: send it back as it came.`)
    }
    tokens.set(tenant, token)
  }
  return tokens
}

/** The tenant whose tokens stand alone in the answer. */
export function keepOwnTenant(response: Response, tenant: string): void {
  response.locals['ownTenant'] = tenant
}

/** Gives each answer the revisions that its call has made. */
export function sendRevisions(notes: AsyncLocalStorage<RevisionNotes>) {
  return (_request: Request, response: Response, next: NextFunction): void => {
    const made = new RevisionNotes()
    onHeaders(response, () => {
      const tokens = Array.from(made.all(), ([tenant, { token }]) =>
        tenant === response.locals['ownTenant'] ? token : `${tenant}:${token}`,
      )
      if (tokens.length > 0) response.setHeader(NAME, tokens.join(', '))
    })
    notes.run(made, next)
  }
}
