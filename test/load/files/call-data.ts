import type { BenchGateway } from './bench-gateway.ts'
import { wireCall, type WireClient } from './wire-client.ts'

/** A call that is made again and again. */
export interface MeasuredCall {
  /** The figure is this with `_vs_static`. */
  readonly name: string
  readonly method: string
  readonly params: object
  /** Its answers differ. */
  readonly changes?: true
}

const HOME = '/tenant:bench/shared'
const SKILLS = '/tenant:bench/skill'
const ENTRIES = 100
const SKILL_COUNT = 20
const KIBIBYTE = 'x'.repeat(1_024)

/** Stores what the calls are about, for an ordinary user with rights on the directories above. */
export async function fillCalls(
  gateway: BenchGateway,
  client: WireClient,
): Promise<{ readonly key: string; readonly measured: readonly MeasuredCall[] }> {
  const [admin, key] = [await gateway.key('root', true), await gateway.key('alice')]
  const call = async (method: string, params: object): Promise<void> => {
    const { body } = await client.send(wireCall(gateway.url, admin, method, params))
    if (!body.includes('"result"')) throw new Error(`${method}: ${body.toString().slice(0, 300)}`)
  }
  const share = (path: string, relation: string) =>
    call('rebac_create', { subject: ['user', 'alice'], relation, object: ['file', path] })
  const files = numbers(ENTRIES).map((number) => [`${HOME}/listed/document-${number}.md`, KIBIBYTE])
  const skills = numbers(SKILL_COUNT).map((number) => [
    `${SKILLS}/skill-${number}/SKILL.md`,
    `---\nname: skill-${number}\ndescription: Skill number ${number}, which is one of twenty that are listed.\n---\nBody.\n`,
  ])
  await call('write_batch', { files: [...files, ...skills] })
  await call('write', { path: `${HOME}/written.txt`, content: KIBIBYTE })
  await share(HOME, 'direct_editor')
  await share(SKILLS, 'direct_viewer')
  const path = `${HOME}/listed/document-17.md`
  return {
    key,
    measured: [
      { name: 'read', method: 'read', params: { path } },
      { name: 'list', method: 'list', params: { path: `${HOME}/listed`, recursive: false } },
      { name: 'exists', method: 'exists', params: { path } },
      { name: 'skills_list', method: 'skills_list', params: {} },
      { name: 'write', method: 'write', params: { path: `${HOME}/written.txt`, content: KIBIBYTE }, changes: true },
    ],
  }
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
