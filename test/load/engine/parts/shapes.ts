import type { TenantGraph } from '../../../../services/rebac/graph/tenant-graph.ts'
import type { Schema } from '../../../../services/rebac/schema/schema.ts'
import { type AskedQuestion, ask, sampleChecks } from '../checker.ts'
import { interleave, median } from '../../figures.ts'
import { loadGraph } from '../load-graph.ts'
import type { Figure, Part } from '../../part.ts'
import { butNotOver, parentsOfWhichNoneGrants } from '../shapes/of-documents.ts'
import { folderLevels, groupsOfAUser, membersOfAGroup, nestedGroups } from '../shapes/of-groups.ts'
import type { Shape, ShapeQuestion } from '../shapes/shape.ts'
import type { Sizes } from '../sizes.ts'

const SHAPES: Readonly<Record<string, Shape>> = {
  groups_of_a_user: groupsOfAUser,
  members: membersOfAGroup,
  nested_groups: nestedGroups,
  folder_levels: folderLevels,
  parents_none_grants: parentsOfWhichNoneGrants,
  but_not: butNotOver,
}

const TENTH = 10
/** Small: a check may take a millisecond. */
const BATCH = 12

/** How the time of a check grows with what makes it hard: at full size against a tenth of it. */
export const shapes: Part<Sizes> = async (sizes, say) => {
  const figures: Record<string, Figure> = {}
  for (const [name, shape] of Object.entries(SHAPES)) {
    const full = Math.max(TENTH, Math.floor(shape.size / sizes.shapeDivisor))
    const tenth = Math.max(1, Math.floor(full / TENTH))
    say(`shapes: ${name}, ${full} and ${tenth}`)
    const sampled = { full: sampler(shape, full, sizes.sampleMs), tenth: sampler(shape, tenth, sizes.sampleMs) }
    const micros = await interleave(sampled, sizes.rounds)
    const [atFull, atTenth] = [median(micros.full), median(micros.tenth)]
    figures[name] = {
      size: full,
      micros: atFull,
      micros_at_tenth: atTenth,
      growth: atFull / atTenth,
      // A tenth of 12 levels is one.
      size_growth: full / tenth,
    }
  }
  return { figures: { shapes: figures }, notes: [] }
}

/** Takes samples of one size; microseconds per check. */
function sampler(shape: Shape, size: number, ms: number): () => number {
  const { schema, relationships, questions, controls } = shape.make(size)
  const graph = loadGraph(schema, [relationships])
  askInTurn(schema, graph, controls)
  const next = inTurn(questions)
  return () => sampleChecks(schema, graph, next, { ms, batch: BATCH }).wall
}

function askInTurn(schema: Schema, graph: TenantGraph, controls: readonly ShapeQuestion[]): void {
  if (controls.length > 0) sampleChecks(schema, graph, inTurn(controls), { ms: 0, batch: controls.length })
}

function inTurn(questions: readonly ShapeQuestion[]): () => AskedQuestion {
  let next = 0
  return () => {
    const question = questions[next++ % questions.length]
    if (question === undefined) throw new Error('a shape has no questions')
    const { objectType, objectId, relation, user, allowed } = question
    return ask(objectType, objectId, relation, user, allowed)
  }
}
