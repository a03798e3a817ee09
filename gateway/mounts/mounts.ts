/** A back end that serves the paths below a point of the tree. */
export interface Mount {
  readonly mountPoint: string
  /** The higher one wins where two mounts serve a path. */
  readonly priority: number
  readonly readonly: boolean
  readonly backendType: string
}

/** The content store, which always serves everything that no other mount does. Clients know it by this name. */
const ROOT_MOUNT: Mount = { mountPoint: '/', priority: 0, readonly: false, backendType: 'LocalBackend' }

/** What is mounted; the root is all there is until mounts can be added. */
export function listMounts(): readonly Mount[] {
  return [ROOT_MOUNT]
}
