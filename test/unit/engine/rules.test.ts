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

/** What is promised of how the service works inside. */
const INSIDE: Readonly<Record<string, string>> = {
  '6.1': 'names are numbers, relationships are found from both ends, and members of large sets are looked up',
  '6.2': 'what cannot reach the type of subject that is asked about is not evaluated',
  '6.4': 'no chain is too long: nothing recurses',
  '6.5': 'the questions of a request share what is known',
  '6.6': 'what is remembered is exact: it does not outlive the state of the tenant that it is about',
  '6.8': 'a long list is made in steps, between which others have their turn',
  '7.1': 'a SQLite transaction that writes has the lock from its beginning, so it cannot fail after it has read',
  '7.2': 'who waits for the lock stops nobody else, and waits no longer than its deadline',
  '7.3': 'reads hold nothing back: the log moves into the database when nobody writes',
  '7.4': 'writes that come together share a transaction',
}

it('every rule has a case or a test that names it', () => {
  const page = readFileSync(new URL('../../../docs/semantics.md', import.meta.url), 'utf8')
  expect([...page.matchAll(/^(\d\.\d+) \*\*/gm)].map(([, number]) => number)).toEqual(RULES)
  const named = new Set(
    [...files.flatMap((file) => file.cases.map(({ name }) => name)), ...testNames()].flatMap(rulesOf),
  )
  expect([...RULES, ...Object.keys(INSIDE)].filter((rule) => !named.has(rule))).toEqual([])
})

/** What the tests of the permission service and of the databases are called. */
function testNames(): readonly string[] {
  const folders = ['unit/engine', 'unit/graph', 'unit/schema', 'unit/sql', 'conformance/store', 'integration/rebac']
  return folders.flatMap((folder) => {
    const path = new URL(`../../${folder}/`, import.meta.url)
    const sources = readdirSync(path).filter((name) => name.endsWith('.ts'))
    return sources.flatMap((name) => {
      const source = readFileSync(new URL(name, path), 'utf8')
      return [...source.matchAll(/\b(?:it|describe|describeOnEachEngine)\('([^']*)'/g)].map(([, title = '']) => title)
    })
  })
}
