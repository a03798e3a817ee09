import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import { relationship } from './relationship.ts'

const TEAM_SIZE = 20
/** A team's members, the team in its division, and the division on the team's folder. */
const TUPLES_OF_TEAM = TEAM_SIZE + 2
/** One team for so many relationships. */
const TUPLES_PER_TEAM = 100
const FOLDER_DEPTH = 5
const BATCH = 5_000

/** A question whose answer is known. */
export interface BenchQuestion {
  readonly object: string
  readonly relation: string
  readonly user: string
  readonly allowed: boolean
}

/** How the ids of a dataset look: `paths` as file systems have them, `short` as in a table of numbers. */
export type IdStyle = 'paths' | 'short'

/**
 * A tenant of the default schema: files with a direct viewer each, and folders shared with nested groups. A larger one
 * contains every smaller one, so that both can be asked the same.
 */
export class Dataset {
  readonly size: number
  readonly directCount: number
  readonly deepCount: number
  readonly #teams: number
  readonly #ids: IdStyle

  constructor(size: number, ids: IdStyle = 'paths') {
    this.size = size
    this.#ids = ids
    this.#teams = Math.max(2, Math.floor(size / TUPLES_PER_TEAM))
    this.directCount = size - this.#teams * TUPLES_OF_TEAM
    this.deepCount = this.#teams * TEAM_SIZE
  }

  /** Made as they are asked for: a million at once would be a heap of their own. */
  *batches(): Generator<readonly Relationship[]> {
    let batch: Relationship[] = []
    for (const one of this.#relationships()) {
      batch.push(one)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }

  /** May the direct viewer of a file view it? Or may somebody who views other files? */
  direct(index: number, allowed: boolean): BenchQuestion {
    const user = directUser(allowed ? index : index + 1)
    return { object: this.#directFile(index), relation: 'direct_viewer', user, allowed }
  }

  /** May a member of a team read a file five folders below the one that the team's division was given? Or of another? */
  deep(index: number, allowed: boolean): BenchQuestion {
    const team = Math.floor(index / TEAM_SIZE)
    const memberOf = allowed ? team : (team + 1) % this.#teams
    const object = `${this.#teamFolder(team)}/${this.#deepPath(index)}`
    return { object, relation: 'read', user: member(memberOf, index % TEAM_SIZE), allowed }
  }

  *#relationships(): Generator<Relationship> {
    for (let team = 0; team < this.#teams; team++) {
      for (let index = 0; index < TEAM_SIZE; index++) {
        yield relationship(`group:team${team}`, 'member', `user:${member(team, index)}`)
      }
      yield relationship(`group:division${team}`, 'member', `group:team${team}#member`)
      yield relationship(`file:${this.#teamFolder(team)}`, 'direct_viewer', `group:division${team}#member`)
    }
    for (let index = 0; index < this.directCount; index++) {
      yield relationship(`file:${this.#directFile(index)}`, 'direct_viewer', `user:${directUser(index)}`)
    }
  }

  #directFile(index: number): string {
    return this.#ids === 'short' ? `/f${index}` : `/home/user${index % 5_000}/notes/document-${index}.md`
  }

  #teamFolder(team: number): string {
    return this.#ids === 'short' ? `/t${team}` : `/team${team}`
  }

  #deepPath(index: number): string {
    const folders = Array.from({ length: FOLDER_DEPTH - 1 }, (_, depth) => `folder${(index + depth) % 10}`)
    return `${folders.join('/')}/file${index % 100}.md`
  }
}

function directUser(index: number): string {
  return `user${(index * 7) % 50_000}`
}

function member(team: number, index: number): string {
  return `member${team}x${index}`
}
