import { makeDirectory } from './make-directory.ts'
import { remove } from './remove.ts'
import { writeFile } from './write-file.ts'

/** Changes of the tree. Each locks its tenant, so that the changes of one tree have one order. */
export const fileCommands = { writeFile, makeDirectory, remove }
