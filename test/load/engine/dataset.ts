import type { Relationship } from '../../../services/rebac/model/relationship.ts'

/** How many relationships one chain of a deep question takes: three of groups, one on the top folder. */
const TEAM_SIZE = 20
const FOLDER_DEPTH = 5

/** A question whose answer is known. */
export interface BenchQuestion {
  readonly object: string
  readonly relation: string
  readonly user: string
  readonly allowed: boolean
}

/** A tenant of the default schema: files with direct viewers, and folders shared with nested groups. */
export interface Dataset {
  readonly relationships: readonly Relationship[]
  /** A direct viewer of a file. */
  direct(index: number): BenchQuestion
  readonly directCount: number
  /** A member of a nested group asks for a file five folders below the one that the outer group was given. */
  deep(index: number): BenchQuestion
  readonly deepCount: number
}

/** Makes `size` relationships; a larger set contains every smaller one's questions. */
export function makeDataset(size: number): Dataset {
  const teams = Math.max(1, Math.floor(size / 100))
  const deepTuples = teams * (TEAM_SIZE + 2)
  const directCount = size - deepTuples
  const relationships: Relationship[] = []
  for (let team = 0; team < teams; team++) addTeam(relationships, team)
  for (let index = 0; index < directCount; index++) {
    relationships.push(
      row(relationships.length, 'file', directFile(index), 'direct_viewer', 'user', directUser(index), ''),
    )
  }
  return {
    relationships,
    directCount,
    deepCount: teams * TEAM_SIZE,
    direct: (index) => ({
      object: directFile(index),
      relation: 'direct_viewer',
      user: directUser(index),
      allowed: true,
    }),
    deep: (index) => {
      const team = Math.floor(index / TEAM_SIZE) % teams
      return { object: deepFile(team, index), relation: 'read', user: member(team, index % TEAM_SIZE), allowed: true }
    },
  }
}

function addTeam(into: Relationship[], team: number): void {
  for (let index = 0; index < TEAM_SIZE; index++) {
    into.push(row(into.length, 'group', `team${team}`, 'member', 'user', member(team, index), ''))
  }
  into.push(row(into.length, 'group', `division${team}`, 'member', 'group', `team${team}`, 'member'))
  into.push(row(into.length, 'file', `/team${team}`, 'direct_viewer', 'group', `division${team}`, 'member'))
}

function directFile(index: number): string {
  return `/home/user${index % 5_000}/notes/document-${index}.md`
}

function directUser(index: number): string {
  return `user${(index * 7) % 50_000}`
}

function member(team: number, index: number): string {
  return `member${team}x${index}`
}

function deepFile(team: number, index: number): string {
  const folders = Array.from({ length: FOLDER_DEPTH - 1 }, (_, depth) => `folder${(index + depth) % 10}`)
  return `/team${team}/${folders.join('/')}/file${index % 100}.md`
}

function row(
  index: number,
  objectType: string,
  objectId: string,
  relation: string,
  subjectType: string,
  subjectId: string,
  subjectRelation: string,
): Relationship {
  const id = `01900000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
  return {
    id,
    objectType,
    objectId,
    relation,
    subjectTenant: '',
    subjectType,
    subjectId,
    subjectRelation,
    conditionName: '',
    conditionContext: null,
    expiresAt: null,
    createdAt: 1_700_000_000_000,
    attributes: null,
  }
}
