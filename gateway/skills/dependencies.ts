import { NexusError } from '../../services/common/errors/nexus-error.ts'

interface Requiring {
  readonly name: string
  readonly requires: readonly string[]
}

/**
 * What a skill needs, what that needs, and so on: each once, before what needs it.
 * @throws NexusError VALIDATION_FAILED for a name that is not there, or a circle
 */
export function resolveDependencies(skill: Requiring, known: readonly Requiring[]): readonly string[] {
  const byName = new Map(known.map((candidate) => [candidate.name, candidate]))
  const done = new Set<string>()
  const path = new Set([skill.name])
  // A stack of our own: a chain of skills may be longer than the call stack.
  const stack = [{ skill, next: 0 }]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const name = top.skill.requires[top.next++]
    if (name === undefined) {
      stack.pop()
      path.delete(top.skill.name)
      if (stack.length > 0) done.add(top.skill.name)
      continue
    }
    if (done.has(name)) continue
    if (path.has(name)) {
      const names = [...path, name]
      throw new NexusError(
        'VALIDATION_FAILED',
        `Skill dependencies run in a circle: ${names.slice(names.indexOf(name)).join(' -> ')}`,
      )
    }
    const dependency = byName.get(name)
    if (dependency === undefined)
      throw new NexusError('VALIDATION_FAILED', `Skill '${top.skill.name}' requires '${name}', which was not found`)
    path.add(name)
    stack.push({ skill: dependency, next: 0 })
  }
  return [...done]
}
