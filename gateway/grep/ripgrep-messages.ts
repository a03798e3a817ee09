import { z } from 'zod'

/** Text, or bytes where they are not UTF-8. */
const text = z
  .union([z.object({ text: z.string() }), z.object({ bytes: z.string() })])
  .transform((value) => ('text' in value ? value.text : Buffer.from(value.bytes, 'base64').toString('utf8')))
const line = z.object({
  lines: text,
  line_number: z.int(),
  submatches: z.array(z.object({ match: text, start: z.int() })),
})

/** What ripgrep says of the files that it looks into, as far as it is needed here (`rg --json`). */
export const ripgrepMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), data: z.object({ path: text }) }),
  z.object({ type: z.literal('match'), data: line }),
  z.object({ type: z.literal('context'), data: line }),
  z.object({ type: z.literal('end'), data: z.object({ binary_offset: z.int().nullable() }) }),
  z.object({ type: z.literal('summary') }),
])

export type RipgrepLine = z.output<typeof line>
