/** What a share gives; each includes the ones before it. */
export const SHARE_LEVELS = ['viewer', 'editor', 'owner'] as const
export type ShareLevel = (typeof SHARE_LEVELS)[number]

/** The relations of shares: the only ones that may name a subject of another tenant. */
export const SHARE_RELATIONS: readonly string[] = SHARE_LEVELS.map(relationOf)

export function relationOf(level: ShareLevel): string {
  return `shared-${level}`
}

/** The level of a share's relation. */
export function levelOf(relation: string): string {
  return relation.slice('shared-'.length)
}
