import { addMount } from './add-mount.ts'
import { applyListing } from './apply-listing.ts'
import { lockFreeMountPaths, lockMountPaths, unlockMountPaths } from './lock-paths.ts'
import { removeMount } from './remove-mount.ts'
import { savedMountCommands } from './saved-mounts.ts'
import { storeFetched } from './store-fetched.ts'
import { syncJobCommands } from './sync-jobs.ts'

/** The transactions of mounts. Those that change nodes lock their tree. */
export const mountCommands = {
  addMount,
  applyListing,
  lockFreeMountPaths,
  lockMountPaths,
  removeMount,
  storeFetched,
  unlockMountPaths,
  ...savedMountCommands,
  ...syncJobCommands,
}
