import type { PlacedApproval } from '../../skills/approvals/approval-rows.ts'
import type { SkillList } from '../../skills/contract.ts'
import type { DiscoveredSkill } from '../../skills/discover-skills.ts'
import type { LoadedSkill } from '../../skills/load-skill.ts'
import type { SkillInfo } from '../../skills/skills.ts'
import type { IndexedSkill } from '../../skills/skill-rows.ts'
import { Encoded } from '../method.ts'
import { isoTime } from '../special-values.ts'

/** A skill as lists show it. */
export function presentSkill(skill: IndexedSkill) {
  return {
    name: skill.name,
    description: skill.description,
    version: skill.version,
    author: skill.author,
    tier: skill.tier,
    file_path: skill.path,
    requires: skill.requires,
    ...(skill.createdAt === null ? {} : { created_at: skill.createdAt }),
    ...(skill.modifiedAt === null ? {} : { modified_at: skill.modifiedAt }),
    ...(skill.warnings.length === 0 ? {} : { warnings: skill.warnings }),
  }
}

function presentInvalid(skill: IndexedSkill) {
  return { name: skill.name, tier: skill.tier, file_path: skill.path, error: skill.error, warnings: skill.warnings }
}

/** As lists show a skill, as JSON. */
const lines = new WeakMap<IndexedSkill, string>()

function lineOf(skill: IndexedSkill): string {
  let line = lines.get(skill)
  if (line === undefined) lines.set(skill, (line = JSON.stringify(presentSkill(skill))))
  return line
}

/** Lists that several calls share are written as JSON once. */
const written = new WeakMap<SkillList, Map<boolean, Encoded>>()

/** As skills_list answers. */
export function presentList(list: SkillList, withMetadata: boolean): Encoded {
  const known = written.get(list) ?? new Map<boolean, Encoded>()
  written.set(list, known)
  let encoded = known.get(withMetadata)
  if (encoded === undefined) {
    const { skills, invalid } = list
    const all = withMetadata ? skills.map(lineOf) : skills.map(({ name }) => JSON.stringify(name))
    const broken = invalid.length === 0 ? '' : `,"invalid":${JSON.stringify(invalid.map(presentInvalid))}`
    encoded = new Encoded(`{"skills":[${all.join(',')}],"count":${skills.length}${broken}}`)
    known.set(withMetadata, encoded)
  }
  return encoded
}

export function presentInfo({ skill, dependencies, lineage }: SkillInfo) {
  return {
    ...presentSkill(skill),
    ...(skill.requires.length === 0 ? {} : { resolved_dependencies: dependencies }),
    ...(lineage === null
      ? {}
      : {
          lineage: {
            kind: lineage.kind,
            source_name: lineage.sourceName,
            source_path: lineage.sourcePath,
            source_version: lineage.sourceVersion,
            source_etag: lineage.sourceEtag,
            created_at: isoTime(lineage.madeAt),
            created_by: lineage.madeBy,
          },
        }),
  }
}

export function presentDiscovered({ skill, isSubscribed, isPublic, isOwned }: DiscoveredSkill) {
  return {
    ...presentSkill(skill),
    path: directoryPath(skill),
    owner: ownerOf(skill),
    is_subscribed: isSubscribed,
    is_public: isPublic,
    is_owned: isOwned,
  }
}

export function presentLoaded({ skill, content, metadata, files }: LoadedSkill) {
  const directory = directoryPath(skill)
  const below = (folder: string) => files.filter((path) => path.startsWith(`${directory}${folder}/`))
  return {
    name: skill.name,
    path: directory,
    file_path: skill.path,
    owner: ownerOf(skill),
    description: skill.description,
    version: skill.version,
    content,
    metadata,
    files,
    scripts: below('scripts'),
    references: below('references'),
    assets: below('assets'),
  }
}

export function presentApproval(approval: PlacedApproval) {
  const { reviewedBy, reviewedAt, comments, reviewComments } = approval
  return {
    approval_id: approval.approvalId,
    skill_name: approval.skillName,
    status: approval.status,
    submitted_by: approval.submittedBy,
    submitted_at: isoTime(approval.submittedAt),
    reviewers: approval.reviewers,
    ...(comments === null ? {} : { comments }),
    ...(reviewedBy === null ? {} : { reviewed_by: reviewedBy }),
    ...(reviewedAt === null ? {} : { reviewed_at: isoTime(reviewedAt) }),
    ...(reviewComments === null ? {} : { review_comments: reviewComments }),
  }
}

/** With a slash at the end, as import answers. */
export function directoryPath({ path }: Pick<IndexedSkill, 'path'>): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function ownerOf({ tier, user, tree }: IndexedSkill): string {
  if (tier === 'personal') return user
  return tier === 'tenant' ? tree : 'system'
}
