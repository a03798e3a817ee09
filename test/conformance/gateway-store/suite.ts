import { collectingSuite } from './collecting.ts'
import { contentsSuite } from './contents.ts'
import { copyingSuite } from './copying.ts'
import type { Engine } from './harness.ts'
import { indexingSuite } from './indexing.ts'
import { listingSuite } from './listing.ts'
import { outboxSuite } from './outbox.ts'
import { racesSuite } from './races.ts'
import { readingSuite } from './reading.ts'
import { renamingSuite } from './renaming.ts'
import { searchingSuite } from './searching.ts'
import { writingSuite } from './writing.ts'

/** What the gateway's file system promises, on whatever engine. */
export function gatewayStoreSuite(engine: Engine): void {
  readingSuite(engine)
  writingSuite(engine)
  indexingSuite(engine)
  contentsSuite(engine)
  collectingSuite(engine)
  copyingSuite(engine)
  listingSuite(engine)
  outboxSuite(engine)
  racesSuite(engine)
  renamingSuite(engine)
  searchingSuite(engine)
}
