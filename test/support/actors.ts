import type { GatewayClient, RpcAnswer } from './gateway-client.ts'
import type { TestSystem } from './gateway-process.ts'

export type Right = 'read' | 'write' | 'own'

/** Everybody who may call, and what each of them may do to the files of the directory that they share. */
export const RIGHTS = {
  owner: ['read', 'write', 'own'],
  editor: ['read', 'write'],
  viewer: ['read'],
  /** Of a group that may read. */
  member: ['read'],
  /** Agents of the owner: with his rights, with none, and with one of its own. */
  inheritingAgent: ['read', 'write', 'own'],
  plainAgent: [],
  grantedAgent: ['read'],
  /** Has no right on files; a test makes him approve a skill. */
  approver: [],
  stranger: [],
  admin: ['read', 'write', 'own'],
  /** They are called as the owner and the administrator are, in another tenant. */
  foreigner: [],
  foreignAdmin: [],
  anonymous: [],
} as const satisfies Record<string, readonly Right[]>

export type Role = keyof typeof RIGHTS
export const ROLES = Object.keys(RIGHTS) as readonly Role[]

/** The roles that have a right on the files. */
export function rolesWith(right: Right): readonly Role[] {
  return ROLES.filter((role) => may(role, right))
}

export function may(role: Role, right: Right): boolean {
  return (RIGHTS[role] as readonly Right[]).includes(right)
}

/** What every call of an anonymous caller comes to. */
export const UNKNOWN_CALLER = 'HTTP 401'

/** What a call came to: the status if HTTP said no, an error code, or what is seen of the result. */
export function outcomeOf(answer: RpcAnswer, seen: (result: never) => unknown = () => 0): unknown {
  if (answer.status !== 200) return `HTTP ${answer.status}`
  return answer.error?.code ?? seen(answer.result as never)
}

/** The callers of one system, by what they are to a directory. */
export class Actors {
  readonly #clients: Readonly<Record<Role, GatewayClient>>

  private constructor(clients: Readonly<Record<Role, GatewayClient>>) {
    this.#clients = clients
  }

  /** Gives everybody a key, and rights on a directory of the tenant acme, which need not be there yet. */
  static async enter(system: TestSystem, directory: string): Promise<Actors> {
    const user = (role: Exclude<Role, 'anonymous'>, facts = {}) => system.as(nameOf(role), facts)
    const agent = async (role: 'inheritingAgent' | 'plainAgent' | 'grantedAgent') => {
      const subjectId = nameOf(role)
      await system.makeAgent(subjectId, { inherits: role === 'inheritingAgent' })
      return await system.as(nameOf('owner'), { subjectType: 'agent', subjectId })
    }
    const actors = new Actors({
      owner: await user('owner'),
      editor: await user('editor'),
      viewer: await user('viewer'),
      member: await user('member'),
      inheritingAgent: await agent('inheritingAgent'),
      plainAgent: await agent('plainAgent'),
      grantedAgent: await agent('grantedAgent'),
      approver: await user('approver'),
      stranger: await user('stranger'),
      admin: await user('admin', { isAdmin: true }),
      foreigner: await user('foreigner', { tenant: 'other' }),
      foreignAdmin: await user('foreignAdmin', { tenant: 'other', isAdmin: true }),
      anonymous: system.client(null),
    })
    const grant = (subject: readonly string[], relation: string, object: readonly string[]) =>
      actors.as('admin').ok('rebac_create', { subject, relation, object })
    const file = ['file', directory]
    await grant(['user', nameOf('owner')], 'direct_owner', file)
    await grant(['user', nameOf('editor')], 'direct_editor', file)
    await grant(['user', nameOf('viewer')], 'direct_viewer', file)
    await grant(['user', nameOf('member')], 'member', ['group', 'eng'])
    await grant(['group', 'eng', 'member'], 'direct_viewer', file)
    await grant(['agent', nameOf('grantedAgent')], 'direct_viewer', file)
    return actors
  }

  as(role: Role): GatewayClient {
    return this.#clients[role]
  }

  /** What the same call comes to for each of them. Each gets parameters of its own. */
  async table(
    method: string,
    params: (role: Role) => object | Promise<object>,
    seen?: (result: never, role: Role) => unknown,
  ): Promise<Readonly<Record<Role, unknown>>> {
    const outcomes: [Role, unknown][] = []
    for (const role of ROLES) {
      const answer = await this.as(role).call(method, await params(role))
      outcomes.push([role, outcomeOf(answer, (result) => (seen === undefined ? 0 : seen(result, role)))])
    }
    return Object.fromEntries(outcomes) as Record<Role, unknown>
  }
}

const NAMES: Readonly<Record<Role, string>> = {
  owner: 'olga',
  editor: 'ed',
  viewer: 'vera',
  member: 'max',
  inheritingAgent: 'olga,heir',
  plainAgent: 'olga,plain',
  grantedAgent: 'olga,reader',
  approver: 'ann',
  stranger: 'sam',
  admin: 'root',
  foreigner: 'olga',
  foreignAdmin: 'root',
  anonymous: 'nobody',
}

/** The id of a caller as a subject. */
export function nameOf(role: Role): string {
  return NAMES[role]
}
