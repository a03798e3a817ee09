import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const FILES = 25
const MOVES = 40
const LISTERS = 4
const SKILL = '---\nname: moved\ndescription: A skill in a directory that is moved.\n---\nBody.\n'

describe.each(ENGINES)('lists while what they list is moved to and fro, on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient
  const home = '/tenant:acme/user:alice'
  const places = [`${home}/skill/one`, `${home}/skill/two`] as const

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
    bob = await system.as('bob')
    const files = Array.from({ length: FILES }, (_, index) => ({
      path: `${places[0]}/file-${index}.txt`,
      content: 'x',
    }))
    for (const { path, content } of files) await alice.ok('write', { path, content })
    await alice.ok('write', { path: `${places[0]}/SKILL.md`, content: SKILL })
    // What Bob may not see is asked about too, and answered with no: his lists are never simply all there is.
    await alice.ok('write', { path: `${home}/skill/private/secret.txt`, content: 'secret' })
    await alice.ok('write', { path: `${home}/skill/private/SKILL.md`, content: SKILL.replaceAll('moved', 'private') })
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', places[0]] })
  })
  afterAll(() => system.close())

  /** Moves the directory until all have looked often enough; gives what they saw. */
  async function whileMoving<T>(look: () => Promise<T>): Promise<readonly T[]> {
    let moving = true
    const looks = Array.from({ length: LISTERS }, async () => {
      const seen: T[] = []
      while (moving) seen.push(await look())
      return seen
    })
    const moves = (async () => {
      for (let move = 0; move < MOVES; move++) {
        const [from, to] = move % 2 === 0 ? places : places.toReversed()
        await alice.ok('rename', { old_path: from, new_path: to })
      }
      moving = false
    })()
    await moves
    const seen = (await Promise.all(looks)).flat()
    expect(seen.length).toBeGreaterThanOrEqual(LISTERS)
    return seen
  }

  it('are complete, and of one moment: list and glob', { timeout: 120_000 }, async () => {
    const look = async () => {
      const [listed, found, shown] = await Promise.all([
        bob.ok<{ files: string[] }>('list', { path: home, recursive: true, details: false }),
        bob.ok<{ matches: string[] }>('glob', { pattern: '**/file-*.txt', path: home }),
        bob.ok<{ files: string[] }>('list', { path: `${home}/skill`, recursive: false, details: false }),
      ])
      return { listed: listed.files, found: found.matches, shown: shown.files }
    }
    for (const { listed, found, shown } of await whileMoving(look)) {
      expect(shown).toHaveLength(1)
      for (const paths of [listed.filter((path) => path.endsWith('.txt')), found]) {
        expect(paths).toHaveLength(FILES)
        const place = places.find((candidate) => paths[0]?.startsWith(`${candidate}/`)) ?? 'nowhere'
        expect(paths.filter((path) => !path.startsWith(`${place}/`))).toEqual([])
      }
    }
  })

  it('are complete: skills', { timeout: 120_000 }, async () => {
    const look = () => bob.ok<{ skills: { name: string }[] }>('skills_list')
    for (const { skills } of await whileMoving(look)) expect(skills.map(({ name }) => name)).toEqual(['moved'])
  })
})
