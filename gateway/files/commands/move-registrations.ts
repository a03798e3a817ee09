import { run, type Script } from '../../../services/common/sql/script.ts'

/** Workspaces, memories and agents are known by paths: they follow a directory that gets another one. */
export function* moveRegistrations(tree: string, from: string, to: string): Script<void> {
  // What is registered at the new path was about a directory that is gone.
  for (const table of ['workspaces', 'memory_directories'])
    yield* run(`delete from ${table} where tenant = $1 and ${isWithin('path', '$2')}`, tree, to)
  for (const [table, column] of [
    ['workspaces', 'path'],
    ['memory_directories', 'path'],
    ['agents', 'config_path'],
  ] as const) {
    yield* run(
      `update ${table} set ${column} = $3 || substr(${column}, length($2) + 1)
where tenant = $1 and ${isWithin(column, '$2')}`,
      tree,
      from,
      to,
    )
  }
}

/** An SQL condition: a path equals another one, or lies below it. */
function isWithin(column: string, path: string): string {
  return `(${column} = ${path} or substr(${column}, 1, length(${path}) + 1) = ${path} || '/')`
}
