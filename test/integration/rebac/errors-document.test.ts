import { readFileSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import { expect, it } from 'vitest'
import { errorCatalogue } from '../../../services/common/errors/catalogue.ts'

it('docs/errors.md lists exactly the errors of the catalogue, as they are', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const listed = text.split('\n').filter((line) => /^\| [A-Z_]+ \|/.test(line))
  const expected = Object.entries(errorCatalogue).map(
    ([reason, { grpc, rpc, http, meaning }]) => `| ${reason} | ${status[grpc]} | ${rpc} | ${http} | ${meaning} |`,
  )
  expect(listed).toEqual(expected)
})
