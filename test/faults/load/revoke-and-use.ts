import type { Problems } from '../proof.ts'
import { type Caller, describe } from './caller.ts'

export interface RevokeOptions {
  /** An administrator, on one gateway. */
  readonly granting: Caller
  /** alice, on another one. */
  readonly using: Caller
  readonly rounds: number
  readonly workers: number
  readonly problems: Problems
  /** Asks somebody else whether alice may read; nothing more is asked by default. */
  readonly isAllowedElsewhere?: (path: string) => Promise<boolean>
}

export interface RevokeFigures {
  /** Times that a grant was seen at once, everywhere. */
  readonly allowed: number
  /** Times that a revocation was seen at once, everywhere. */
  readonly denied: number
}

const DENIED = -32_004
const ROOT = '/revoked'

/** Grants, uses, revokes and tries to use once more, again and again; what has just been revoked must be denied. */
export async function revokeAndUse(options: RevokeOptions): Promise<RevokeFigures> {
  const { granting, using, rounds, workers, problems, isAllowedElsewhere } = options
  const figures = { allowed: 0, denied: 0 }
  let left = rounds
  const isRead = async (path: string, expected: boolean): Promise<boolean> => {
    const [reply, elsewhere] = await Promise.all([using.call('read', { path }), isAllowedElsewhere?.(path) ?? expected])
    const here = reply.kind === 'done' ? true : reply.kind === 'refused' && reply.code === DENIED ? false : undefined
    if (here === expected && elsewhere === expected) return true
    const after = expected ? 'grant' : 'revocation'
    problems.add(`after the ${after}, read ${path} ${describe(reply)}; elsewhere allowed: ${elsewhere}`)
    return false
  }
  const work = async (worker: number): Promise<void> => {
    const path = `${ROOT}/${worker}.txt`
    await granting.ok('write', { path, content: path })
    const grant = { subject: ['user', 'alice'], relation: 'direct_viewer', object: ['file', path] }
    while (left-- > 0) {
      const id = await granting.ok<string>('rebac_create', grant)
      if (await isRead(path, true)) figures.allowed += 1
      await granting.ok('rebac_delete', { tuple_id: id })
      if (await isRead(path, false)) figures.denied += 1
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return figures
}
