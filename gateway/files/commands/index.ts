import { makeDirectory } from './make-directory.ts'
import { remove } from './remove.ts'
import { rename } from './rename.ts'
import { writeFile, writeFiles } from './write-file.ts'

/** Changes of the tree. Each locks its tenant, so that the changes of one tree have one order. */
export const fileCommands = { writeFile, writeFiles, makeDirectory, remove, rename }
