import { run, type Script, type Statement } from '../../../services/common/sql/script.ts'

/** How often a skill was used in one way. */
export interface SkillUse {
  readonly tree: string
  readonly nodeId: string
  readonly kind: string
  readonly uses: number
  /** Milliseconds since 1970. */
  readonly lastUsedAt: number
}

const COUNT = (each: string) => `insert into skill_uses (tenant, node_id, kind, uses, last_used_at)
select u.value ->> 'tree', u.value ->> 'nodeId', u.value ->> 'kind', cast(u.value ->> 'uses' as bigint),
  cast(u.value ->> 'lastUsedAt' as bigint)
from ${each} where exists (select 1 from nodes n where n.tenant = u.value ->> 'tree' and n.node_id = u.value ->> 'nodeId')
on conflict (tenant, node_id, kind) do update set uses = skill_uses.uses + excluded.uses,
  last_used_at = case when excluded.last_used_at > skill_uses.last_used_at then excluded.last_used_at
    else skill_uses.last_used_at end`
const COUNT_USES: Statement['text'] = {
  sqlite: COUNT('json_each($1) u'),
  postgres: COUNT('jsonb_array_elements($1::jsonb) as u(value)'),
}

/** Adds to the counts of skills that are still there. */
export function countSkillUses(uses: readonly SkillUse[]): Script<void> {
  // In one order everywhere, so that two gateways never wait for each other in a circle.
  const ordered = uses.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  return run(COUNT_USES, JSON.stringify(ordered))
}

function key({ tree, nodeId, kind }: SkillUse): string {
  return `${tree} ${nodeId} ${kind}`
}
