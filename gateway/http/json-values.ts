const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const SPACE = 0x20
const ARRAY = [0x5b, 0x5d] as const
const OBJECT = [0x7b, 0x7d] as const

/**
 * Whether JSON has more values than `most` (at least one), members of objects and elements of arrays among them. Parsed, an empty object
 * of three bytes costs some hundred, so this has to be known before. Of what is no JSON it may say anything.
 * @param json in UTF-8, where no byte of a longer character looks like any of these
 */
export function hasMoreValues(json: Buffer, most: number): boolean {
  // No value is shorter than a byte and what parts it from the next.
  if (json.length / 2 <= most) return false
  let values = 1
  let opened = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? SPACE
    if (byte <= SPACE) continue
    const first = opened && byte !== ARRAY[1] && byte !== OBJECT[1]
    if (first || byte === COMMA) {
      if (++values > most) return true
    }
    opened = byte === ARRAY[0] || byte === OBJECT[0]
    if (byte === QUOTE) at = endOfString(json, at + 1)
  }
  return false
}

/** Where the quote is that ends a string. Base64 has nothing to escape, and is passed over in one leap. */
function endOfString(json: Buffer, from: number): number {
  const quote = json.indexOf(QUOTE, from)
  if (quote !== -1 && json[quote - 1] !== BACKSLASH) return quote
  for (let at = from; at < json.length; at++) {
    if (json[at] === BACKSLASH) at++
    else if (json[at] === QUOTE) return at
  }
  return json.length
}
