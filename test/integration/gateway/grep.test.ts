import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const HOME = '/tenant:acme/user:alice'
const FILES = {
  'notes.md': 'first line\nThe needle is here\nlast line\n',
  'src/main.py': 'import os\n# needle, needle\nprint("Needle")\n',
  'src/deep/util.py': 'def needle():\n    pass\n',
  'windows.txt': 'one\r\nneedle\r\n',
  'nothing.txt': 'hay\n',
  'empty.txt': '',
}

interface Found {
  readonly file: string
  readonly line: number
  readonly content: string
  readonly match: string
}

interface Answer {
  readonly results: readonly Found[]
  readonly truncated: boolean
  readonly skipped?: readonly string[]
}

describe.each(ENGINES)('grep on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  let bob: GatewayClient

  beforeAll(async () => {
    system = await TestSystem.start({ engine })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', HOME] })
    alice = await system.as('alice')
    bob = await system.as('bob')
    for (const [name, content] of Object.entries(FILES)) {
      await alice.ok('write', { path: `${HOME}/${name}`, content })
    }
    const binary = Buffer.concat([Buffer.from([0x89, 0, 1, 2]), Buffer.from('needle')])
    await alice.ok('write', { path: `${HOME}/image.png`, content: bytes(binary) })
    await alice.ok('write', { path: `${HOME}/latin.txt`, content: bytes(Buffer.from('caf\xe9 needle\n', 'latin1')) })
    const object = ['file', `${HOME}/src`]
    await alice.ok('rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object })
  })
  afterAll(() => system.close())

  const grep = (who: GatewayClient, params: object) => who.ok<Answer>('grep', { pattern: 'needle', ...params })
  const places = ({ results }: Answer) => results.map(({ file, line }) => `${file.replace(`${HOME}/`, '')}:${line}`)

  it('gives lines with what matches first, by path and line; text files only', async () => {
    const answer = await grep(alice, {})
    expect(answer.truncated).toBe(false)
    expect(places(answer)).toEqual([
      'latin.txt:1',
      'notes.md:2',
      'src/deep/util.py:1',
      'src/main.py:2',
      'windows.txt:2',
    ])
    expect(answer.results[3]).toEqual({
      file: `${HOME}/src/main.py`,
      line: 2,
      content: '# needle, needle',
      match: 'needle',
      source: 'raw',
    })
    expect(answer.results[4]?.content).toBe('needle')
    expect(places(await grep(alice, { pattern: 'needle$', path: `${HOME}/windows.txt` }))).toEqual(['windows.txt:2'])
  })

  it('takes the caller for who he is', async () => {
    expect(places(await grep(bob, {}))).toEqual(['src/deep/util.py:1', 'src/main.py:2'])
    expect(places(await grep(await system.as('sam'), {}))).toEqual([])
    expect(places(await grep(await system.as('alice', { tenant: 'other' }), { path: HOME }))).toEqual([])
    expect(places(await grep(await system.as('root', { isAdmin: true }), {}))).toHaveLength(5)
  })

  it('looks where, and as, it is told', async () => {
    expect(places(await grep(alice, { path: `${HOME}/src` }))).toEqual(['src/deep/util.py:1', 'src/main.py:2'])
    expect(places(await grep(alice, { path: `${HOME}/notes.md` }))).toEqual(['notes.md:2'])
    expect(places(await grep(alice, { path: `${HOME}/nowhere` }))).toEqual([])
    expect(places(await grep(alice, { file_pattern: '*.py' }))).toEqual(['src/deep/util.py:1', 'src/main.py:2'])
    expect(places(await grep(alice, { file_pattern: 'src/*.py' }))).toEqual(['src/main.py:2'])
    expect(places(await grep(alice, { file_pattern: '*.md', path: `${HOME}/notes.md` }))).toEqual(['notes.md:2'])
    expect(places(await grep(alice, { file_pattern: '*.py', ignore_case: true }))).toEqual([
      'src/deep/util.py:1',
      'src/main.py:2',
      'src/main.py:3',
    ])
    expect(places(await grep(alice, { pattern: '^(import|def)\\b' }))).toEqual(['src/deep/util.py:1', 'src/main.py:1'])
    expect(places(await grep(alice, { pattern: '-needle' }))).toEqual([])
  })

  it('brings lines around a match along', async () => {
    const path = `${HOME}/notes.md`
    const { results } = await grep(alice, { path, before_context: 2, after_context: 1 })
    expect(results).toEqual([
      {
        file: path,
        line: 2,
        content: 'The needle is here',
        match: 'needle',
        source: 'raw',
        before_context: ['first line'],
        after_context: ['last line'],
      },
    ])
  })

  it('says when there is more than was asked for', async () => {
    const all = await grep(alice, {})
    for (const most of [1, 2, 3, 4]) {
      const some = await grep(alice, { max_results: most })
      expect(some).toEqual({ results: all.results.slice(0, most), truncated: true })
    }
    expect(await grep(alice, { max_results: 5 })).toEqual(all)
  })

  it('names files whose lines are too long, and cuts long ones', async () => {
    const path = `${HOME}/long`
    await alice.ok('write', { path: `${path}/min.js`, content: `${'x'.repeat(2_000_000)}needle` })
    await alice.ok('write', { path: `${path}/wide.txt`, content: `${'x'.repeat(20_000)}needle\nneedle` })
    const answer = await grep(alice, { path })
    expect(places(answer)).toEqual(['long/wide.txt:1', 'long/wide.txt:2'])
    expect(answer.results[0]?.content).toMatch(/^x{200}needle$/)
    expect(answer.skipped).toEqual([`${path}/min.js`])
    await alice.ok('rmdir', { path, recursive: true })
  })

  it('equal contents are found at each of their paths', async () => {
    const path = `${HOME}/copies`
    for (const name of ['c', 'a', 'b']) await alice.ok('write', { path: `${path}/${name}`, content: 'same needle' })
    expect(places(await grep(alice, { path }))).toEqual(['copies/a:1', 'copies/b:1', 'copies/c:1'])
    await alice.ok('rmdir', { path, recursive: true })
  })

  it('refuses what is no expression for a line, and is not held up by a hostile one', async () => {
    for (const pattern of [
      '(',
      '[',
      '*',
      '(?=look)',
      '(a{1000}){1000}{1000}',
      '',
      'two\nlines',
      'nul\0',
      'x'.repeat(2_000),
    ]) {
      expect([pattern, await alice.code('grep', { pattern })]).toEqual([pattern, -32602])
    }
    const empty = await system.as('sam')
    expect(await empty.code('grep', { pattern: '(' })).toBe(-32602)
    await alice.ok('write', { path: `${HOME}/a.txt`, content: 'a'.repeat(100_000) })
    expect(places(await grep(alice, { pattern: '(a*)*(a*)*b', path: `${HOME}/a.txt` }))).toEqual([])
    const answer = await alice.call('grep', { pattern: 'x(' })
    expect(answer.error?.message).toBe(
      "Invalid parameters: parameter 'pattern' is not a regular expression: unclosed group",
    )
  })

  it('sees what was written, and not what was closed, at once', async () => {
    const path = `${HOME}/src/fresh.txt`
    for (let round = 0; round < 5; round++) {
      await alice.ok('write', { path, content: `needle ${round}` })
      const { results } = await grep(bob, { path })
      expect(results.map(({ content }) => content)).toEqual([`needle ${round}`])
    }
    await alice.ok('delete', { path })
    expect(await grep(bob, { path })).toEqual({ results: [], truncated: false })
  })
})
