import { expect } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'

/** What the owner makes for a single call of somebody, so that no call sees what another one did. */
export class MatrixFacts {
  readonly #owner: GatewayClient
  readonly #admin: GatewayClient
  readonly #directory: string
  #made = 0

  /** `directory` is the owner's. */
  constructor(owner: GatewayClient, admin: GatewayClient, directory: string) {
    this.#owner = owner
    this.#admin = admin
    this.#directory = directory
  }

  #path(): string {
    return `${this.#directory}/made-${++this.#made}`
  }

  async file(): Promise<string> {
    const path = `${this.#path()}/file`
    await this.#owner.ok('write', { path, content: 'text' })
    return path
  }

  /** What opens a link to a file. */
  async link(): Promise<string> {
    const made = await this.#owner.ok<{ link_id: string }>('create_share_link', { path: await this.file() })
    return made.link_id
  }

  /** A link with which somebody came. */
  async visitedLink(): Promise<string> {
    const link = await this.link()
    await this.#owner.ok('access_share_link', { link_id: link })
    return link
  }

  /** The id of a share of a file with the user guest. */
  async share(): Promise<string> {
    return await this.#owner.ok('share_with_user', { resource: ['file', await this.file()], user_id: 'guest' })
  }

  async relationship(): Promise<string> {
    const object = ['file', await this.file()]
    return await this.#owner.ok('rebac_create', { subject: ['user', 'guest'], relation: 'direct_viewer', object })
  }

  /** The id of a file in the trash. */
  async trash(): Promise<string> {
    const path = await this.file()
    await this.#owner.ok('delete', { path })
    const { items } = await this.#owner.ok<{ items: { trash_id: string }[] }>('trash_list', { path })
    return items[0]?.trash_id ?? ''
  }

  /** The path of a file in the trash. */
  async deleted(): Promise<string> {
    const path = await this.file()
    await this.#owner.ok('delete', { path })
    return path
  }

  /** A registered directory with two snapshots between which a file was changed. */
  async workspace(): Promise<string> {
    const path = this.#path()
    await this.#owner.ok('register_workspace', { path })
    for (const content of ['one', 'two']) {
      await this.#owner.ok('write', { path: `${path}/file`, content })
      await this.#owner.ok('workspace_snapshot', { workspace_path: path })
    }
    return path
  }

  async memory(): Promise<string> {
    const path = this.#path()
    await this.#owner.ok('register_memory', { path })
    return path
  }

  /** The type of a namespace of the tenant. */
  async namespace(): Promise<string> {
    const type = `note${++this.#made}`
    await this.#admin.ok('namespace_create', { object_type: type, config: { relations: { owner: {} } } })
    return type
  }

  unusedType(): string {
    return `unused${++this.#made}`
  }

  /** Where something is mounted and saved. */
  async mount(): Promise<string> {
    const point = this.#path()
    await this.#owner.ok('add_mount', { mount_point: point, backend_type: 'memory', backend_config: {} })
    await this.#owner.ok('save_mount', { mount_point: point, backend_type: 'memory', backend_config: {} })
    return point
  }

  /** The id of a job that has ended. */
  async syncJob(): Promise<string> {
    const { job_id: id } = await this.#owner.ok<{ job_id: string }>('sync_mount_async', {
      mount_point: await this.mount(),
    })
    await expect
      .poll(() => this.#owner.ok('get_sync_job', { job_id: id }), { timeout: 30_000 })
      .toMatchObject({ status: 'completed' })
    return id
  }
}
