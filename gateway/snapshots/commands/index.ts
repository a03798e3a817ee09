import { restoreSnapshot } from './restore-snapshot.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** The transactions of snapshots. Each locks the tree, as every change of it does. */
export const snapshotCommands = { takeSnapshot, restoreSnapshot }
