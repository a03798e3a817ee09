import { bytes, type GatewayClient, type RpcAnswer } from '../gateway-client.ts'
import type { TestSystem } from '../gateway-process.ts'
import type { Call, Method, Outcome, ParamsOf } from './calls.ts'
import { type Actor, GROUP } from './rights.ts'
import { SHARED } from './random-calls.ts'
import { ModelState } from './state.ts'

/** What is granted at the start. */
const GRANTS = [
  [SHARED, 'direct_owner', ['user', 'olga']],
  [SHARED, 'direct_editor', ['user', 'ed']],
  [SHARED, 'direct_viewer', ['user', 'vera']],
  // Before anything is there: what stands there later is Ed's.
  [`${SHARED}/a`, 'direct_owner', ['user', 'ed']],
  [`${SHARED}/a-b`, 'direct_viewer', ['group', GROUP]],
] as const

/** A tenant of a running gateway with all actors, in the state that a model begins with. */
export class RealFiles {
  readonly clients: Readonly<Record<Actor, GatewayClient>>
  /** Ids of the server by the handles of the model. */
  readonly #grants: string[] = []
  readonly #trash: string[] = []

  private constructor(clients: Readonly<Record<Actor, GatewayClient>>) {
    this.clients = clients
  }

  static async create(system: TestSystem, tenant: string): Promise<{ real: RealFiles; model: ModelState }> {
    const user = (name: string, facts = {}) => system.as(name, { tenant, ...facts })
    const agent = (name: string) => user('olga', { subjectType: 'agent', subjectId: `olga,${name}` })
    await system.makeAgent('olga,heir', { inherits: true, tenant })
    const clients = {
      root: await user('root', { isAdmin: true }),
      olga: await user('olga'),
      ed: await user('ed'),
      vera: await user('vera'),
      max: await user('max'),
      sam: await user('sam'),
      heir: await agent('heir'),
      bare: await agent('bare'),
    }
    const real = new RealFiles(clients)
    const model = new ModelState()
    await clients.root.ok('rebac_create', { subject: ['user', 'max'], relation: 'member', object: ['group', GROUP] })
    for (const [path, relation, subject] of GRANTS) {
      await clients.root.ok('rebac_create', { subject, relation, object: ['file', path] })
      model.grant(path, relation, subject.join(':'))
    }
    return { real, model }
  }

  /** Makes a call; its outcome in the words of the model. */
  async call(actor: Actor, call: Call): Promise<Outcome> {
    if (call.method === 'list' && call.params.page !== null)
      return await listInPages(this.clients[actor], call.params, call.params.page)
    const { method, params } = this.#wire(call)
    const answer = await this.clients[actor].call(method, params)
    if (answer.status !== 200) throw new Error(`${method}: HTTP ${answer.status} ${answer.text}`)
    if (answer.error !== undefined) return { code: answer.error.code, value: null }
    if (call.method === 'delete' || call.method === 'rmdir') await this.#noteTrash()
    return { code: 0, value: this.#value(call.method, answer) }
  }

  /** Everything that an administrator can see of the tenant, to compare two states. */
  async snapshot(): Promise<unknown> {
    const { root } = this.clients
    const { files } = await root.ok<{ files: { path: string; is_directory: boolean }[] }>('list', {
      path: '/',
      details: true,
    })
    const contents = await Promise.all(
      files.map(async ({ path, is_directory: isDirectory }) => [
        path,
        isDirectory ? null : (await this.call('root', { method: 'list_versions', params: { path } })).value,
      ]),
    )
    const tuples = await root.ok<Record<string, string>[]>('rebac_list_tuples', { object_type: 'file' })
    const grants = tuples.map((tuple) => {
      const relation = tuple['subject_relation'] ?? null
      const subject = `${tuple['subject_type']}:${tuple['subject_id']}${relation === null ? '' : `#${relation}`}`
      return `${tuple['relation']} ${tuple['object_id']} ${subject}`
    })
    const trash = (await this.call('root', { method: 'trash_list', params: { path: '/' } })).value
    return { contents, grants: grants.sort(), trash }
  }

  async #noteTrash(): Promise<void> {
    const { items } = await this.clients.root.ok<{ items: { trash_id: string }[] }>('trash_list', { limit: 1 })
    this.#trash.push(items[0]?.trash_id ?? '')
  }

  #wire(call: Call): { method: string; params: object } {
    const { method, params } = call
    switch (call.method) {
      case 'write':
      case 'append':
        return { method, params: { ...params, content: bytes(call.params.content) } }
      case 'edit': {
        const { path, old, new: text, all, if_match } = call.params
        const edits = [{ old_str: old, new_str: text, allow_multiple: all }]
        return { method, params: { path, edits, if_match, fuzzy_threshold: 1 } }
      }
      case 'copy':
        return { method, params: { src_path: call.params.from, dst_path: call.params.to } }
      case 'rename':
        return { method, params: { old_path: call.params.from, new_path: call.params.to } }
      case 'list':
        return { method, params: { path: call.params.path, recursive: call.params.recursive } }
      case 'trash_restore':
        return {
          method,
          params: { trash_id: this.#trash[call.params.trash] ?? 'none', new_path: call.params.new_path },
        }
      case 'trash_purge':
        return { method, params: { trash_id: this.#trash[call.params.trash] ?? 'none' } }
      case 'rebac_create': {
        const { path, relation, subject } = call.params
        return { method, params: { subject, relation, object: ['file', path] } }
      }
      case 'rebac_delete':
        return { method, params: { tuple_id: this.#grants[call.params.grant] ?? 'none' } }
      default:
        return { method, params }
    }
  }

  #value(method: Method, answer: RpcAnswer): unknown {
    const result = answer.result as Record<string, unknown>
    switch (method) {
      case 'write':
      case 'append':
      case 'copy':
        return [result['etag'], result['version'], result['size']]
      case 'edit':
        return result['success'] === true ? [result['etag'], result['version']] : 'failed'
      case 'read':
      case 'read_range':
      case 'get_version':
        return Buffer.from(String(result['data']), 'base64').toString()
      case 'list_versions':
        return (answer.result as Record<string, unknown>[]).map((one) =>
          ['version', 'content_hash', 'size', 'source_type'].map((key) => one[key]),
        )
      case 'exists':
        return result['exists']
      case 'is_directory':
        return result['is_directory']
      case 'stat':
        return result['is_directory'] === true
          ? ['directory', 0, null]
          : [result['size'], result['version'], result['etag']]
      case 'list':
        return result['files']
      case 'glob':
        return result['matches']
      case 'trash_list':
        return (result['items'] as Record<string, unknown>[]).map((one) => [one['path'], one['is_directory']])
      case 'trash_restore':
        return result['path']
      case 'rebac_create':
        return this.#handleOf(answer.result as string)
      case 'rebac_delete':
        return answer.result
      default:
        return true
    }
  }

  #handleOf(id: string): number {
    const known = this.#grants.indexOf(id)
    return known === -1 ? this.#grants.push(id) - 1 : known
  }
}

/** All pages of a list, one after the other. */
async function listInPages(client: GatewayClient, params: ParamsOf<'list'>, limit: number): Promise<Outcome> {
  const { path, recursive } = params
  const files: string[] = []
  for (let cursor: string | null = null; ; ) {
    const answer = await client.call('list', { path, recursive, limit, cursor })
    if (answer.error !== undefined) return { code: answer.error.code, value: null }
    const page = answer.result as { files: string[]; next_cursor: string | null; has_more: boolean }
    files.push(...page.files)
    // Only the last page may be short.
    if (page.has_more !== (page.next_cursor !== null) || (page.has_more && page.files.length !== limit))
      throw new Error(`a page of ${limit} is ${answer.text}`)
    if (page.next_cursor === null) return { code: 0, value: files }
    cursor = page.next_cursor
  }
}
