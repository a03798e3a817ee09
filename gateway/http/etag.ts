/** Whether an If-None-Match header names this ETag: quoted or not, weak or strong, or any. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((part) => {
    const candidate = part
      .trim()
      .replace(/^W\//i, '')
      .replace(/^"(.*)"$/, '$1')
    return candidate === etag || candidate === '*'
  })
}
