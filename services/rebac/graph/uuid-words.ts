const DASH = 0x2d
const NONE = 16

/** The value of a lower-case hexadecimal digit by its code; NONE for anything else. */
const digits = new Uint8Array(0x80).fill(NONE)
for (const [value, digit] of [...'0123456789abcdef'].entries()) digits[digit.charCodeAt(0)] = value

/** Writes a UUID in its canonical form as four words; false if the text is not one. */
export function writeUuid(text: string, words: Uint32Array, at: number): boolean {
  if (text.length !== 36) return false
  let word = 0
  let places = 0
  let bad = 0
  for (let index = 0; index < 36; index++) {
    const code = text.charCodeAt(index)
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (code !== DASH) return false
      continue
    }
    const digit = code < 0x80 ? digits[code]! : NONE
    bad |= digit
    word = (word << 4) | digit
    if ((++places & 7) === 0) words[at + (places >>> 3) - 1] = word
  }
  return (bad & NONE) === 0
}

/** The UUID that writeUuid wrote. */
export function readUuid(words: Uint32Array, at: number): string {
  const [a, b, c, d] = [hex(words[at]!), hex(words[at + 1]!), hex(words[at + 2]!), hex(words[at + 3]!)]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
