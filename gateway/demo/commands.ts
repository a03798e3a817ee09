import { first, run, type Script } from '../../services/common/sql/script.ts'

const MARKER = 'demo-version'

/** The transactions of the demo data. */
export const demoCommands = { setDemoVersion }

function* setDemoVersion(version: string): Script<void> {
  yield* run(
    'insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
    MARKER,
    version,
  )
}

/** Which demo data the database holds; null if none. */
export function* readDemoVersion(): Script<string | null> {
  return (yield* first<{ value: string }>('select value from meta where key = $1', MARKER))?.value ?? null
}
