import { describe, expect, it } from 'vitest'
import { readSkillArchive } from '../../../gateway/skills/archive/skill-archive.ts'
import { makeZip, type ZipEntry } from '../../support/zip.ts'

const SKILL = '---\nname: pdf\ndescription: d\n---\n'
const sound: ZipEntry = ['pdf/SKILL.md', SKILL]
const errorsOf = async (entries: readonly ZipEntry[]) => (await readSkillArchive(makeZip(entries))).errors

describe('archives of strangers', () => {
  it.each<[string, ZipEntry, RegExp]>([
    ['a way out', ['pdf/../../etc/passwd', 'x'], /component "\.\."/],
    ['a dot', ['pdf/./a', 'x'], /component "\."/],
    ['an absolute name', ['/etc/passwd', 'x'], /is absolute/],
    ['a drive', ['C:/x', 'x'], /is absolute/],
    ['a backslash', ['pdf\\a', 'x'], /has a backslash/],
    ['a control character', ['pdf/a\u0007', 'x'], /control character/],
    ['an empty component', ['pdf//a', 'x'], /empty component/],
    ['spaces at an end', ['pdf/ a', 'x'], /begins or ends with a space/],
    ['a long component', [`pdf/${'x'.repeat(256)}`, 'x'], /more than 255 bytes/],
    ['a symbolic link', ['pdf/link', '/etc/passwd', { mode: 0o120777 }], /is a symbolic link/],
    ['a device', ['pdf/dev', '', { mode: 0o020666 }], /neither a file nor a directory/],
    ['an encrypted entry', ['pdf/secret', 'x', { flags: 0x801 }], /is encrypted/],
    ['another method', ['pdf/a', 'x', { method: 12 }], /method 12/],
    ['a bomb', ['pdf/zeros', Buffer.alloc(8 << 20)], /at most 200 times/],
    [
      'a size that is too small',
      ['pdf/a', 'much more than that', { size: 3 }],
      /cannot be unpacked|not a multiple|too many bytes/,
    ],
    ['a wrong checksum', ['pdf/a', 'x', { crc: 7 }], /checksum/],
    ['a name twice', ['pdf/SKILL.md', SKILL], /stands there twice/],
    ['the German way to write capitals', ['PDF/STRASSE/straße', 'x'], /differ by case or normalisation/],
    ['names that differ by case', ['PDF/other.md', 'x'], /differ by case or normalisation/],
    ['a name that is longer than any path', [`pdf/${'abcdefgh/'.repeat(120)}x`, 'x'], /more than 1024 bytes/],
    ['a name of too many components', [`pdf/${'d/'.repeat(31)}x`, 'x'], /has 33 components; at most 32 are allowed/],
    ['a directory of too many components', [`pdf/${'d/'.repeat(32)}`, ''], /has 33 components; at most 32 are allowed/],
    ['a file that is a directory', ['pdf/SKILL.md/a', 'x'], /both a file and a directory/],
    ['a file outside', ['README.md', 'x'], /stands outside/],
    ['a directory without a skill', ['other/a', 'x'], /other: there is no SKILL\.md/],
    ['another name', ['other/SKILL.md', SKILL], /says "pdf"/],
    ['unclosed front matter', ['other/SKILL.md', '---\nname: other'], /no closing line/],
    ['YAML that is none', ['other/SKILL.md', '---\nname: [x\n---\n'], /line \d+, column \d+/],
  ])('are refused with %s', async (_, entry, message) => {
    const errors = await errorsOf([sound, entry])
    expect(errors.join('\n')).toMatch(message)
    expect((await readSkillArchive(makeZip([sound, entry]))).errors).toEqual(errors)
  })

  it('are refused with names that differ by normalisation only', async () => {
    expect(await errorsOf([sound, ['pdf/caf\u00e9', 'x'], ['pdf/cafe\u0301', 'y']])).toEqual([
      'the name "pdf/café" stands there twice',
    ])
    expect((await errorsOf([sound, ['pdf/ﬁle', 'x'], ['pdf/file', 'y']]))[0]).toMatch(/differ by case or normalisation/)
  })

  it('are refused with 100,000 entries, without a look at them', async () => {
    const many = Array.from({ length: 20_000 }, (_, at): ZipEntry => [`pdf/${at}`, '', { method: 0 }])
    expect(await errorsOf([sound, ...many])).toEqual(['the archive has 20001 entries; at most 10000 are allowed'])
  })

  it('may have names of 32 components', async () => {
    const archive = await readSkillArchive(makeZip([sound, [`pdf/${'d/'.repeat(30)}x`, 'x']]))
    expect(archive.errors).toEqual([])
    expect(archive.skills[0]?.files.map(({ path }) => path.split('/').length)).toEqual([1, 31])
  })

  it('are refused with more names than are looked at, those of directories above entries among them', async () => {
    const entry = (at: number): ZipEntry => [`pdf/${at}/${'d/'.repeat(18)}x`, '', { method: 0 }]
    const many = Array.from({ length: 1_001 }, (_, at) => entry(at))
    const tooMany = 'the archive has more than 20000 names, those of directories above its entries included'
    expect(await errorsOf([sound, ...many])).toEqual([tooMany])
    // Each entry of a stranger stands for as many directories as it can.
    const worst = Array.from({ length: 9_999 }, (_, at): ZipEntry => [deepName(at), '', { method: 0 }])
    expect(await errorsOf([sound, ...worst])).toEqual([tooMany])
    expect(await errorsOf([sound, ...many.slice(0, 999)])).toEqual([])
  })

  it('are refused with names that are nothing but components, without a look at what is above them', async () => {
    const many = Array.from({ length: 9_999 }, (_, at): ZipEntry => [`${at}${'/x'.repeat(509)}`, '', { method: 0 }])
    const errors = await errorsOf([sound, ...many])
    expect(errors).toHaveLength(21)
    expect(errors[0]).toMatch(/^the name "0\/x.*" has 510 components; at most 32 are allowed$/)
    expect(errors[20]).toBe('and 9979 more')
  })

  it('are refused if they unpack to too much together', async () => {
    // Each is within its ratio and says more than is there.
    const many = Array.from({ length: 70 }, (_, at): ZipEntry => [`pdf/${at}`, 'x'.repeat(6_000), { size: 1_048_000 }])
    expect((await errorsOf([sound, ...many])).join()).toMatch(/unpacks to \d+ bytes; at most 67108864/)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('PK is no zip')],
    ['a cut archive', makeZip([sound]).subarray(0, 60)],
    ['an archive of nothing', makeZip([])],
  ])('are refused if they are %s', async (_, bytes) => {
    expect((await readSkillArchive(bytes)).errors).toHaveLength(1)
  })

  it.each([
    ['aliases that multiply', `---\nname: pdf\ndescription: d\na: &a [x,x,x,x,x,x,x,x,x]\n${multiplied()}---\n`],
    ['10 MB of front matter', `---\nname: pdf\ndescription: d\nx: ${'y'.repeat(10 << 20)}\n---\n`],
    ['a circle', '---\nname: pdf\ndescription: d\na: &a [*a]\n---\n'],
  ])('with %s in the front matter are refused at once', async (_, text) => {
    const begun = process.cpuUsage()
    expect(await errorsOf([['pdf/SKILL.md', text, { method: 0 }]])).toHaveLength(1)
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000)
  })
})

/** A name that shares no directory with another, and is as long and as deep as one may be. */
function deepName(at: number): string {
  return [`${at}`, ...Array.from({ length: 31 }, () => 'x'.repeat(30))].join('/')
}

/** Each line has nine times what the one before has. */
function multiplied(): string {
  const names = 'abcdefghi'
  return [...names]
    .slice(1)
    .map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${names[at] ?? ''}`).join(',')}]\n`)
    .join('')
}
