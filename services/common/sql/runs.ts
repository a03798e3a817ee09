import type { Command, CommandSet, Script, Settled } from './script.ts'

/** A write of a group, as far as it matters here. */
interface Write {
  readonly command: string
  readonly argument: unknown
}

/** A command whose arguments are taken as they come: the caller of the database has checked them. */
type AnyCommand = Command<unknown>

/** Writes of a group that follow one another and may run as one script; or one that runs alone. */
export interface Run<W extends Write> {
  readonly writes: readonly W[]
  /** null: the write is alone. */
  readonly together: ((argumentsInOrder: readonly unknown[]) => Script<readonly Settled<unknown>[]>) | null
}

/** Cuts a group into runs, in order. */
export function runsOf<W extends Write>(commands: CommandSet, group: readonly W[]): readonly Run<W>[] {
  const runs: Run<W>[] = []
  for (let start = 0; start < group.length; ) {
    const end = endOfRun(commands, group, start)
    const [first] = group.slice(start, end)
    const together = end - start > 1 && first !== undefined ? commandOf(commands, first.command)?.together : undefined
    runs.push({ writes: group.slice(start, end), together: together ?? null })
    start = end
  }
  return runs
}

/** The command with this name; undefined if there is none. */
export function commandOf(commands: CommandSet, name: string): AnyCommand | undefined {
  return commands[name] as AnyCommand | undefined
}

function endOfRun(commands: CommandSet, group: readonly Write[], start: number): number {
  const first = group[start]
  let end = start + 1
  if (first === undefined || !joins(commands, first)) return end
  for (let next = group[end]; next !== undefined && next.command === first.command; next = group[++end]) {
    if (!joins(commands, next)) break
  }
  return end
}

function joins(commands: CommandSet, { command, argument }: Write): boolean {
  const found = commandOf(commands, command)
  return found?.together !== undefined && (found.joins?.(argument) ?? true)
}
