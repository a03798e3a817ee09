import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readCaseFiles, rulesOf } from '../../support/naive/case-file.ts'

const files = readCaseFiles()

// The numbers of docs/semantics.md.
const RULES = [
  '1.1 1.2 1.3 1.4',
  '2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11',
  '3.1 3.2 3.3 3.4 3.5',
  '4.1 4.2 4.3 4.4 4.5 4.6',
].flatMap((numbers) => numbers.split(' '))

it('every rule of the page has a case or a test that names it', () => {
  const page = readFileSync(new URL('../../../docs/semantics.md', import.meta.url), 'utf8')
  expect([...page.matchAll(/^(\d\.\d+) \*\*/gm)].map(([, number]) => number)).toEqual(RULES)
  const named = new Set(
    [...files.flatMap((file) => file.cases.map(({ name }) => name)), ...testNames()].flatMap(rulesOf),
  )
  expect(RULES.filter((rule) => !named.has(rule))).toEqual([])
})

/** What the tests of the permission service are called. */
function testNames(): readonly string[] {
  const folders = ['unit/engine', 'unit/schema', 'conformance/store', 'integration/rebac']
  return folders.flatMap((folder) => {
    const path = new URL(`../../${folder}/`, import.meta.url)
    const sources = readdirSync(path).filter((name) => name.endsWith('.ts'))
    return sources.flatMap((name) => {
      const source = readFileSync(new URL(name, path), 'utf8')
      return [...source.matchAll(/\b(?:it|describe|describeOnEachEngine)\('([^']*)'/g)].map(([, title = '']) => title)
    })
  })
}
