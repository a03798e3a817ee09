import { run, type Script } from '../../../common/sql/script.ts'

/** Renews what the planner knows about the relationships. */
export function* analyzeCommand(_nothing: null): Script<void> {
  yield* run('analyze relationships')
}
