import { rolesWith } from '../../../support/actors.ts'
import type { MatrixFacts } from './matrix-facts.ts'
import { EVERYBODY, type RoleCase } from './role-case.ts'

type Rows = Readonly<Record<string, RoleCase<MatrixFacts>>>
const [READERS, OWNERS] = [rolesWith('read'), rolesWith('own')]
const NO_JOB = 'There is no such sync job.'
const isThere = (result: unknown): boolean => result !== null
const toReaders = { allowed: READERS, done: true, refused: false } as const
const toOwners = { allowed: OWNERS, done: true, refused: false } as const
/** A list is asked for without parameters, when there is something in it. */
const after = async (made: Promise<string>): Promise<object> => {
  await made
  return {}
}
const ofHome = (list: readonly { readonly mount_point: string }[]): boolean =>
  list.some(({ mount_point: point }) => point.startsWith('/tenant:acme/user:olga/'))

/** Mounts are shown to those who may read their mount points; jobs, and what is saved, to owners. */
export const MOUNT_ROWS: Rows = {
  get_mount: { params: async (facts) => ({ mount_point: await facts.mount() }), ...toReaders, seen: isThere },
  has_mount: {
    params: async (facts) => ({ mount_point: await facts.mount() }),
    ...toReaders,
    seen: (result: boolean) => result,
  },
  list_mounts: { params: (facts) => after(facts.mount()), ...toReaders, seen: ofHome },
  list_saved_mounts: { params: (facts) => after(facts.mount()), ...toOwners, seen: ofHome },
  get_sync_job: { params: async (facts) => ({ job_id: await facts.syncJob() }), ...toOwners, seen: isThere },
  list_sync_jobs: { params: (facts) => after(facts.syncJob()), ...toOwners, seen: ofHome },
  cancel_sync_job: {
    params: async (facts) => ({ job_id: await facts.syncJob() }),
    allowed: OWNERS,
    done: 'The sync job is completed already.',
    refused: NO_JOB,
    seen: ({ message }: { message: string }) => message,
  },
  list_connectors: {
    params: () => ({}),
    allowed: EVERYBODY,
    done: 3,
    seen: (connectors: readonly unknown[]) => connectors.length,
  },
}

const MEMORY = { backend_type: 'memory', backend_config: {} }

/**
 * Methods that change what is mounted: only owners may, and others are told the same whether or not something is
 * there. What it comes to where there is something, where there is nothing, and what else is sent.
 */
export const MOUNT_CHANGES: Readonly<Record<string, readonly [there: number, missing: number, rest: object]>> = {
  add_mount: [0, 0, MEMORY],
  save_mount: [0, 0, MEMORY],
  load_mount: [0, -32602, {}],
  remove_mount: [0, 0, {}],
  delete_saved_mount: [0, 0, {}],
  delete_connector: [0, 0, {}],
  sync_mount: [0, -32602, {}],
  sync_mount_async: [0, -32602, {}],
}
