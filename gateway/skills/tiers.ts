import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Caller } from '../context.ts'

/** Where a skill comes from; for the same name the first of these wins. */
export const TIERS = ['personal', 'tenant', 'system'] as const
export type Tier = (typeof TIERS)[number]

export const SKILL_FILE = 'SKILL.md'

export interface SkillPlace {
  readonly tier: Tier
  /** Whose it is, for the personal tier; else ''. */
  readonly user: string
}

const PLACES: readonly (readonly [Tier, RegExp])[] = [
  ['personal', /^\/tenant:[^/]+\/user:([^/]+)\/skill\/[^/]+\/SKILL\.md$/],
  ['tenant', /^\/tenant:[^/]+\/skill\/[^/]+\/SKILL\.md$/],
  ['system', /^\/skill\/[^/]+\/SKILL\.md$/],
]

/** The tier that a path belongs to; null if skills are not looked for there. */
export function placeOf(path: string): SkillPlace | null {
  for (const [tier, pattern] of PLACES) {
    const match = pattern.exec(path)
    if (match !== null) return { tier, user: match[1] ?? '' }
  }
  return null
}

/** Words that clients have for the personal tier. */
const PERSONAL: readonly string[] = ['personal', 'agent', 'user']

/** @throws NexusError VALIDATION_FAILED */
export function parseTier(text: string): Tier {
  const tier = PERSONAL.includes(text) ? 'personal' : TIERS.find((candidate) => candidate === text)
  if (tier !== undefined) return tier
  const allowed = [...PERSONAL, 'tenant', 'system'].map((name) => `'${name}'`).join(', ')
  throw new NexusError('VALIDATION_FAILED', `Invalid tier '${text.slice(0, 40)}'. Must be one of: [${allowed}]`)
}

/** The directory in which a caller's skills of a tier lie. */
export function directoryOfTier(tier: Tier, { tenant, user }: Pick<Caller, 'tenant' | 'user'>): string {
  if (tier === 'system') return '/skill'
  return tier === 'tenant' ? `/tenant:${tenant}/skill` : `/tenant:${tenant}/user:${user}/skill`
}
