import { v4 as uuidv4 } from 'uuid'

/** The statement after which the permission database refuses every token and cursor from before. */
export function newEpoch(): string {
  return `update meta set value = '${uuidv4()}' where key = 'epoch'`
}
