import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const rows = readFileSync('docs/never-again.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))

it('docs/never-again.md has a row for each of the sixteen', () => {
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
})

const tests = rows.flatMap((row) =>
  [...row.matchAll(/`(test\/[\w/.-]+\.ts)`: ([^;|]+)/g)].map(([, file = '', name = '']) => ({
    file,
    name: name.trim(),
  })),
)

it.each(tests)('$file: $name', ({ file, name }) => {
  expect(readFileSync(file, 'utf8')).toContain(`it('${name}`)
})
