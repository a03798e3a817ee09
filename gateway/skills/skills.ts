import type { CallContext } from '../context.ts'
import { listApprovals, reviewApproval, submitApproval } from './approvals/approvals.ts'
import { readSkillArchive, type SkillArchive } from './archive/skill-archive.ts'
import type { Bound } from './contract.ts'
import { createFromFile } from './create-from-file.ts'
import { createFromContent, createSkill } from './create-skill.ts'
import { resolveDependencies } from './dependencies.ts'
import type { SkillDeps } from './deps.ts'
import { discoverSkills } from './discover-skills.ts'
import { exportSkill } from './export-skill.ts'
import { usableSkill } from './find-skill.ts'
import { forkSkill, publishSkill } from './fork-skill.ts'
import { importSkills } from './import-skills.ts'
import { listSkills } from './list-skills.ts'
import { loadSkill } from './load-skill.ts'
import { promptContext } from './prompt-context.ts'
import { searchSkills } from './search-skills.ts'
import { shareSkill, unshareSkill } from './share-skill.ts'
import { type Lineage, lineageOf, skillUsage, skillVersions } from './skill-facts.ts'
import { skillHistory } from './skill-history.ts'
import type { IndexedSkill } from './skill-rows.ts'
import { subscribe, unsubscribe } from './subscriptions.ts'

/** What the caller learns of one skill. */
export interface SkillInfo {
  readonly skill: IndexedSkill
  /** What it needs, and what that needs: each once, before what needs it. */
  readonly dependencies: readonly string[]
  readonly lineage: Lineage | null
}

/**
 * The skills of a tenant and of the server, as a caller can use and change them. Lists are complete, or the call fails.
 * Errors: VALIDATION_FAILED for a skill that is unknown, unusable or breaks a rule, ACCESS_DENIED, FILE_EXISTS,
 * TOO_LARGE, UNAVAILABLE.
 */
export interface Skills {
  list: Bound<typeof listSkills>
  /** @throws NexusError VALIDATION_FAILED also if its dependencies run in a circle */
  info(context: CallContext, name: string): Promise<SkillInfo>
  search: Bound<typeof searchSkills>
  discover: Bound<typeof discoverSkills>
  load: Bound<typeof loadSkill>
  promptContext: Bound<typeof promptContext>
  versions: Bound<typeof skillVersions>
  usage: Bound<typeof skillUsage>
  history: Bound<typeof skillHistory>
  create: Bound<typeof createSkill>
  createFromContent: Bound<typeof createFromContent>
  createFromFile: Bound<typeof createFromFile>
  fork: Bound<typeof forkSkill>
  publish: Bound<typeof publishSkill>
  import: Bound<typeof importSkills>
  /** Judges an archive; changes nothing. */
  validate(archive: Uint8Array): Promise<SkillArchive>
  export: Bound<typeof exportSkill>
  subscribe: Bound<typeof subscribe>
  unsubscribe: Bound<typeof unsubscribe>
  share: Bound<typeof shareSkill>
  unshare: Bound<typeof unshareSkill>
  submitApproval: Bound<typeof submitApproval>
  reviewApproval: Bound<typeof reviewApproval>
  listApprovals: Bound<typeof listApprovals>
}

export function createSkills(deps: SkillDeps): Skills {
  return {
    list: (...call) => listSkills(deps, ...call),
    info: (...call) => skillInfo(deps, ...call),
    search: (...call) => searchSkills(deps, ...call),
    discover: (...call) => discoverSkills(deps, ...call),
    load: (...call) => loadSkill(deps, ...call),
    promptContext: (...call) => promptContext(deps, ...call),
    versions: (...call) => skillVersions(deps, ...call),
    usage: (...call) => skillUsage(deps, ...call),
    history: (...call) => skillHistory(deps, ...call),
    create: (...call) => createSkill(deps, ...call),
    createFromContent: (...call) => createFromContent(deps, ...call),
    createFromFile: (...call) => createFromFile(deps, ...call),
    fork: (...call) => forkSkill(deps, ...call),
    publish: (...call) => publishSkill(deps, ...call),
    import: (...call) => importSkills(deps, ...call),
    validate: readSkillArchive,
    export: (...call) => exportSkill(deps, ...call),
    subscribe: (...call) => subscribe(deps, ...call),
    unsubscribe: (...call) => unsubscribe(deps, ...call),
    share: (...call) => shareSkill(deps, ...call),
    unshare: (...call) => unshareSkill(deps, ...call),
    submitApproval: (...call) => submitApproval(deps, ...call),
    reviewApproval: (...call) => reviewApproval(deps, ...call),
    listApprovals: (...call) => listApprovals(deps, ...call),
  }
}

async function skillInfo(deps: SkillDeps, context: CallContext, name: string): Promise<SkillInfo> {
  const { skill, list } = await usableSkill(deps, context, name)
  const lineage = await deps.db.read(() => lineageOf(skill), { deadline: context.scope.deadline })
  return { skill, dependencies: resolveDependencies(skill, list.skills), lineage }
}
