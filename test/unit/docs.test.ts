import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')].map((file) => ({
  file,
  text: readFileSync(file, 'utf8'),
}))

/** npm's own, which need no script. */
const BUILT_IN = new Set(['ci', 'install'])

describe('docs/dependencies.md', () => {
  const text = readFileSync('docs/dependencies.md', 'utf8')
  const listed = [...text.matchAll(/^\| `([^`]+)` \| (\S.*) \|$/gm)].map((row) => row[1] ?? '')
  const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]

  it('gives a reason for every package, and for no other', () => {
    expect(listed.toSorted()).toEqual(installed.toSorted())
  })
})

describe.each(pages)('$file', ({ file, text }) => {
  it('names npm commands that exist', () => {
    const commands = [...text.matchAll(/\bnpm (run )?([a-z][\w:-]*)/g)].map((match) => match[2] ?? '')
    const unknown = commands.filter((name) => !(name in manifest.scripts) && !BUILT_IN.has(name))
    expect(unknown).toEqual([])
  })

  it('names files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1] ?? '')
    const broken = links.filter((link) => !existsSync(join(dirname(file), link)))
    expect(broken).toEqual([])
  })
})

describe('the settings in docs/operations.md', () => {
  it('are those that the code reads', () => {
    const sources = globSync('{gateway,services}/**/config/**/*.ts').map((file) => readFileSync(file, 'utf8'))
    const read = new Set(sources.flatMap((source) => source.match(/(?<=')(NEXUS|REBAC)_[A-Z_]+(?=')/g) ?? []))
    const text = readFileSync('docs/operations.md', 'utf8')
    expect([...read].filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
})
