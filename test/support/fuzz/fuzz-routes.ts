import fc from 'fast-check'
import type { FuzzOptions } from './fuzz-calls.ts'
import { paths } from './hostile-values.ts'
import { problemOf } from './judge-answer.ts'
import type { RawClient } from './raw-request.ts'

const encoded = paths.map((path) => encodeURI(path.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23'))
const broken = fc.constantFrom(
  '%',
  '%zz',
  '%c0%ae%c0%ae/etc/passwd',
  '%2e%2e/%2e%2e/etc/passwd',
  '..%2f..%2fx',
  '?',
  '//x//',
)
const targets = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/api/files/home/a', '/api/files/home/a?disposition=inline') },
  { weight: 6, arbitrary: encoded.map((path) => `/api/files${path}`) },
  { weight: 2, arbitrary: broken.map((rest) => `/api/files/home/${rest}`) },
  { weight: 1, arbitrary: broken.map((rest) => `/${rest}`) },
  { weight: 1, arbitrary: encoded.map((path) => path || '/') },
)
const tags = fc.constantFrom(
  '*',
  '""',
  '"x"',
  'W/"x"',
  'x',
  '"',
  ', ,',
  '"a", "b"',
  `"${'0'.repeat(64)}"`,
  'x'.repeat(4_000),
)
const dates = fc.constantFrom(
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Fri, 31 Dec 9999 23:59:59 GMT',
  '0',
  'yesterday',
  '-1',
  '1e99',
)
const ranges = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('bytes', 'Bytes', 'lines', ''),
      fc.nat({ max: 9 }),
      fc.constantFrom('', '-', '-3', '-0', '-99999999999999999999'),
    )
    .map(([unit, start, end]) => `${unit}=${start}${end}`),
  fc.constantFrom(
    'bytes=-',
    'bytes=-0',
    'bytes=-5',
    'bytes=0-0,2-3',
    'bytes=5-1',
    'bytes=99-',
    'bytes',
    '=',
    'bytes=0x1-2',
  ),
)
const headers = fc.record(
  {
    range: ranges,
    'if-match': tags,
    'if-none-match': tags,
    'if-range': fc.oneof(tags, dates),
    'if-modified-since': dates,
    'if-unmodified-since': dates,
    'content-range': fc.constantFrom('bytes 0-1/2', 'x'),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'x'),
    'content-type': fc.constantFrom('text/html', 'x', ''),
    expect: fc.constantFrom('100-continue', 'x'),
    origin: fc.constantFrom('null', 'https://example.org'),
  },
  { requiredKeys: [] },
)
const methods = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'PUT', 'PUT', 'OPTIONS', 'DELETE', 'POST', 'PATCH')

/** Requests to the routes of files and others, with paths and conditions of all kinds. @throws Error as fuzzCalls */
export async function fuzzRoutes(client: RawClient, key: string, { seed, runs }: FuzzOptions): Promise<void> {
  const mine = { authorization: `Bearer ${key}` }
  const authorization = fc.oneof(
    { weight: 10, arbitrary: fc.constant(mine) },
    { weight: 1, arbitrary: fc.constantFrom({}, { ...mine, 'x-agent-id': 'x' }) },
  )
  const bodies = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null })
  const property = fc.asyncProperty(
    methods,
    targets,
    headers,
    authorization,
    bodies,
    async (method, target, more, who, body) => {
      const carries = method === 'PUT' || method === 'POST' || method === 'PATCH'
      const order = { method, target, headers: { ...more, ...who }, body: carries ? (body ?? '') : null }
      // The server may refuse what it is to expect before anything else.
      const answer = await client.send(order)
      const problem = more.expect === 'x' && answer.status === 417 ? null : problemOf(answer)
      if (problem !== null) throw new Error(problem)
    },
  )
  await fc.assert(property, { seed, numRuns: runs })
}

/** Bytes that are hardly HTTP: no answer is owed, but the connection ends. */
export async function fuzzBytes(client: RawClient, { seed, runs }: FuzzOptions): Promise<void> {
  const starts = fc.constantFrom(
    '',
    'GET / HTTP/1.1\r\n',
    'POST /api/nfs/list HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
    'PRI * HTTP/2.0\r\n\r\n',
  )
  const property = fc.asyncProperty(starts, fc.uint8Array({ maxLength: 60 }), (start, bytes) =>
    client.sendBytes(Buffer.concat([Buffer.from(start), bytes])),
  )
  await fc.assert(property, { seed, numRuns: runs })
}
