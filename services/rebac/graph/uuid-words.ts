const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Writes a UUID in its canonical form as four words; false if the text is not one. */
export function writeUuid(text: string, words: Uint32Array, at: number): boolean {
  if (text.length !== 36 || !UUID.test(text)) return false
  words[at] = Number.parseInt(text.slice(0, 8), 16)
  words[at + 1] = Number.parseInt(text.slice(9, 13) + text.slice(14, 18), 16)
  words[at + 2] = Number.parseInt(text.slice(19, 23) + text.slice(24, 28), 16)
  words[at + 3] = Number.parseInt(text.slice(28), 16)
  return true
}

/** The UUID that writeUuid wrote. */
export function readUuid(words: Uint32Array, at: number): string {
  const [a, b, c, d] = [hex(words[at]!), hex(words[at + 1]!), hex(words[at + 2]!), hex(words[at + 3]!)]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
