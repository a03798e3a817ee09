import { describe, expect, it } from 'vitest'
import { resolveDependencies } from '../../../gateway/skills/dependencies.ts'
import { readSkillDocument } from '../../../gateway/skills/skill-document.ts'
import { parseTier, placeOf } from '../../../gateway/skills/tiers.ts'

const read = (text: string, directory = 'pdf') => readSkillDocument(directory, Buffer.from(text, 'utf8'))

describe('reading SKILL.md', () => {
  it('takes the fields that clients use, and keeps the others', () => {
    const skill = read(`---
name: pdf
description: >
  Works with
  PDF files
version: 1.10
author: alice
requires: [docx, xlsx]
created_at: 2026-01-31
license: MIT
allowed-tools: Bash(git:*) Read
---
# PDF
---
not front matter`)
    expect(skill).toEqual({
      name: 'pdf',
      description: 'Works with PDF files',
      version: '1.10',
      author: 'alice',
      requires: ['docx', 'xlsx'],
      createdAt: '2026-01-31',
      modifiedAt: null,
      metadata: { license: 'MIT', 'allowed-tools': 'Bash(git:*) Read' },
      warnings: [],
      error: null,
    })
  })

  it('takes version and author from metadata where they are not on top', () => {
    const skill = read('---\nname: pdf\ndescription: d\nmetadata:\n  version: "2"\n  author: bob\n---\n')
    expect(skill).toMatchObject({ version: '2', author: 'bob', error: null })
  })

  it.each([
    ['a byte-order mark and CRLF', '\ufeff---\r\nname: pdf\r\ndescription: d\r\n---\r\nbody'],
    ['trailing spaces after the dashes', '---  \nname: pdf\ndescription: d\n--- \nbody'],
    ['nothing after the front matter', '---\nname: pdf\ndescription: d\n---'],
    ['quotes', '---\nname: "pdf"\ndescription: \'d\'\n---\n'],
    ['emoji and other scripts', '---\nname: pdf\ndescription: d\nnote: 日本語 🎉\n---\n'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toMatchObject({ name: 'pdf', description: 'd', error: null, warnings: [] })
  })

  it('reads a colon in a description that nobody quoted, and says so', () => {
    const skill = read('---\nname: pdf\ndescription: Use this: it reads "PDF" files\n---\n')
    expect(skill.description).toBe('Use this: it reads "PDF" files')
    expect(skill.error).toBeNull()
    expect(skill.warnings).toEqual(['a value with a colon should be quoted'])
  })

  it('reads such a description over several lines', () => {
    const skill = read('---\nname: pdf\ndescription: Use this: it reads\n  more: of "it"\nlicense: MIT\n---\n')
    expect(skill).toMatchObject({ description: 'Use this: it reads more: of "it"', metadata: { license: 'MIT' } })
    expect(skill.error).toBeNull()
  })

  it('reads tabs that indent, and says so', () => {
    const skill = read('---\nname: pdf\ndescription: d\nmetadata:\n\tauthor: ann\n---\n')
    expect(skill).toMatchObject({ author: 'ann', error: null })
    expect(skill.warnings).toEqual(['lines should be indented by spaces, not by tabs'])
  })

  it('follows an alias, and keeps a version in metadata as it is written', () => {
    const skill = read('---\nname: &n pdf\ndescription: *n\nmetadata:\n  version: 1.10\n---\n')
    expect(skill).toMatchObject({ description: 'pdf', version: '1.10', error: null })
  })

  it.each([
    ['', /must begin with a line ---/],
    ['# PDF', /must begin/],
    ['---\nname: pdf\n', /no closing line/],
    ['---\n---\n', /not a list/],
    ['---\njust text\n---\n', /not a list/],
    ['---\nname: pdf\n---\n', /^line 1, column 1: the front matter has no description$/],
    ['---\nversion: 1\n---\n', /^line 1, column 1: the front matter has no name and no description$/],
    ['---\nname:\ndescription: ""\n---\n', /^line 2, column 1: .* no name and no description that is a text$/],
    [
      '---\nname: pdf\ndescription: [d]\n---\n',
      /^line 3, column 1: the front matter has no description that is a text$/,
    ],
    [
      `---\nname: pdf\ndescription: d\nx: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n---\n`,
      /^line \d, column 1: .*nested too deeply$/,
    ],
    ['---\nname: pdf\ndescription: d\nx: {a: 1, a: 2}\n---\n', /^line 4, column 11: the key "a" stands there twice$/],
    ['---\nname: [a\ndescription: d\n---\n', /^line \d, column \d+: /],
    ['---\nname: pdf\ndescription: d\nname: again\n---\n', /^line \d, column \d+: /],
    ['---\nname: &a [*a]\ndescription: d\nx: *a\n---\n', /./],
  ])('%j is invalid, named by its directory', (text, error) => {
    const skill = read(text)
    expect(skill.error).toMatch(error)
    expect(skill.name).toBe('pdf')
  })

  it('is invalid if it is not UTF-8', () => {
    expect(readSkillDocument('pdf', Buffer.from([0x2d, 0x0a, 0x2d, 0xff])).error).toBe(
      'line 2, column 2: this is not UTF-8 text',
    )
  })

  it('survives aliases that multiply', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let level = 0; level < 12; level++) {
      const [from, to] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)]
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(', ')}]`)
    }
    expect(read(`---\nname: pdf\ndescription: d\n${bomb.join('\n')}\n---\n`).error).toMatch(/refers to itself/)
  })

  it('warns of broken naming rules and works all the same', () => {
    const skill = read(`---\nname: My_Skill\ndescription: ${'d'.repeat(2_000)}\ncompatibility: [a]\n---\n`, 'mine')
    expect(skill.error).toBeNull()
    expect(skill.warnings).toHaveLength(4)
  })

  it('has nothing that a database cannot keep', () => {
    const skill = read('---\nname: "p\\0df"\ndescription: "d\\0"\nx: "\\0"\n---\n')
    expect(JSON.stringify([skill.name, skill.description])).not.toContain('\\u0000')
  })
})

describe('places of skills', () => {
  it.each([
    ['/skill/pdf/SKILL.md', { tier: 'system', user: '' }],
    ['/tenant:t/skill/pdf/SKILL.md', { tier: 'tenant', user: '' }],
    ['/tenant:t/user:u/skill/pdf/SKILL.md', { tier: 'personal', user: 'u' }],
    ['/tenant:t/user:u/skill/pdf/examples/SKILL.md', null],
    ['/tenant:t/user:u/skill/SKILL.md', null],
    ['/tenant:t/user:u/workspace/pdf/SKILL.md', null],
    ['/skill/pdf/readme.md', null],
  ])('%s', (path, place) => {
    expect(placeOf(path)).toEqual(place)
  })

  it('knows the older word for a tier, and refuses others', () => {
    expect(parseTier('user')).toBe('personal')
    expect(parseTier('agent')).toBe('personal')
    expect(() => parseTier('mine')).toThrowError(expect.objectContaining({ reason: 'VALIDATION_FAILED' }))
  })
})

describe('dependencies', () => {
  const skill = (name: string, ...requires: string[]) => ({ name, requires })

  it('come once, each before what needs it', () => {
    const all = [skill('a', 'b', 'c'), skill('b', 'd'), skill('c', 'd'), skill('d')]
    expect(resolveDependencies(skill('a', 'b', 'c'), all)).toEqual(['d', 'b', 'c'])
  })

  it('refuses circles and names that are not there', () => {
    expect(() => resolveDependencies(skill('a', 'b'), [skill('a', 'b'), skill('b', 'a')])).toThrow('a -> b -> a')
    expect(() => resolveDependencies(skill('a', 'x'), [])).toThrow("requires 'x'")
  })

  it('may form a long chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      skill(`s${index}`, ...(index === 0 ? [] : [`s${index - 1}`])),
    )
    expect(resolveDependencies(skill('s19999', 's19998'), chain)).toHaveLength(19_999)
  })
})
