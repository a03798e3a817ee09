import { WAVES } from './calls.ts'
import type { Reference } from './reference.ts'
import type { WaveTarget, WaveUser } from './target.ts'

const SKILLS = ['docx', 'internal-comms', 'pdf', 'pptx', 'skill-creator', 'xlsx']

/**
 * Whether the reference itself is what the demo data promises; without this, empty answers would agree with each
 * other. The problems, in words.
 */
export function checkDemoContent(reference: Reference, target: WaveTarget): string[] {
  const admin = (id: number) => resultOf(reference, target.admin, id)
  const alice = (id: number) => resultOf(reference, target.alice, id)
  const skills = list(admin(10), 'skills').map((skill) => (skill as { name?: unknown }).name)
  const checks: [string, boolean][] = [
    ['the administrator has the six demo skills, in order', JSON.stringify(skills) === JSON.stringify(SKILLS)],
    ['the administrator sees at least 150 files', list(admin(2), 'files').length >= 150],
    ['the administrator has two agents', length(admin(5)) === 2],
    ['there is one workspace', length(admin(7)) === 1],
    ['there is a mount', length(admin(1)) >= 1],
    ['alice sees some files', list(alice(2), 'files').length > 0],
    ['alice sees fewer files than the administrator', list(alice(2), 'files').length < list(admin(2), 'files').length],
  ]
  return checks.filter(([, holds]) => !holds).map(([promise]) => `demo data: it does not hold that ${promise}`)
}

function resultOf(reference: Reference, user: WaveUser, id: number): unknown {
  const call = WAVES.flatMap((wave) => wave.calls).find((candidate) => candidate.id === id)
  if (call === undefined) throw new Error(`no call ${id}`)
  return (JSON.parse(reference.of(user, call)) as { result?: unknown }).result
}

function list(result: unknown, field: string): unknown[] {
  const value = (result as Record<string, unknown> | undefined)?.[field]
  return Array.isArray(value) ? value : []
}

/** Of a bare list, or of the first list in an object. */
function length(result: unknown): number {
  if (Array.isArray(result)) return result.length
  return Object.values(result ?? {}).find((value) => Array.isArray(value))?.length ?? 0
}
