import { expect, it } from 'vitest'
import { requireOneArchive } from '../../../gateway/skills/export-limits.ts'

const FITS = { skills: 3, entries: 10_000, bytes: 67_108_864 }
const refusal = (total: object) => () => requireOneArchive('pdf', { ...FITS, ...total })

it('what an import takes is exported', () => {
  expect(refusal({})).not.toThrow()
})

it('what is more is refused with the total and the limit', () => {
  expect(refusal({ bytes: 67_108_865 })).toThrow(
    "The skill 'pdf' and the 2 that it requires have 67108865 bytes together; at most 67108864 are exported at once: export them one by one, without include_dependencies.",
  )
  expect(refusal({ entries: 10_001 })).toThrow(
    "The skill 'pdf' and the 2 that it requires have more than 9999 files and empty directories together; at most 9999 are exported at once: export them one by one, without include_dependencies.",
  )
  expect(refusal({ skills: 1, entries: 10_001 })).toThrow(
    "The skill 'pdf' has more than 9999 files and empty directories; at most 9999 are exported at once.",
  )
})
