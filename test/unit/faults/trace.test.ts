import { describe, expect, it } from 'vitest'
import { diskCall } from '../../faults/power/disk-call.ts'
import { TraceParser } from '../../faults/power/trace.ts'

const FOLDER = '/data'

function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

function parse(...lines: readonly string[]) {
  const parser = new TraceParser()
  return lines.flatMap((line, index) => parser.add(line.replace(' ', ` ${100 + index}.5 `)) ?? [])
}

describe('a recording of system calls', () => {
  it('is read as what was done to files', () => {
    const file = `21<${hex('/data/x')}>`
    const calls = parse(
      `7 openat(AT_FDCWD<${hex('/')}>, "${hex('/data/x')}", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = ${file}`,
      `7 pwrite64(${file}, "${hex('a)\n"b = 1')}", 8, 4096) = 8`,
      `7 ftruncate(${file}, 12) = 0`,
      `7 fdatasync(${file}) = 0`,
      `7 rename("${hex('/data/x')}", "${hex('/data/y')}") = 0`,
      `7 mkdir("${hex('/data/d')}", 0777) = -1 EEXIST (File exists)`,
      `7 write(3<${hex('/elsewhere')}>, "${hex('log')}", 3) = 3`,
      '7 --- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=1, si_uid=0} ---',
      `7 unlink("${hex('/data/y')}") = 0`,
      '7 +++ exited with 0 +++',
    )
    const effects = calls.map((call) => diskCall(call, FOLDER)).filter((effect) => effect !== null)
    expect(effects).toMatchObject([
      { kind: 'open', path: '/data/x', creates: true, truncates: true },
      { kind: 'write', path: '/data/x', data: Buffer.from('a)\n"b = 1').subarray(0, 8), offset: 4096 },
      { kind: 'truncate', path: '/data/x', size: 12 },
      { kind: 'sync', path: '/data/x' },
      { kind: 'rename', from: '/data/x', to: '/data/y' },
      { kind: 'remove', path: '/data/y' },
    ])
  })

  it('joins the halves of a call that something else came between', () => {
    const calls = parse(
      `7 fsync(3<${hex('/data/x')}> <unfinished ...>`,
      `8 fsync(4<${hex('/data/y')}>) = 0`,
      '7 <... fsync resumed>) = 0',
    )
    expect(calls.map(({ begun, ended }) => [begun.place, ended.place, ended.time])).toEqual([
      [1, 1, 101_500],
      [0, 2, 102_500],
    ])
    expect(calls.map((call) => diskCall(call, FOLDER))).toMatchObject([{ path: '/data/y' }, { path: '/data/x' }])
  })

  it('is refused where it is cut, or has a call whose effect is not known', () => {
    const [cut] = parse(`7 write(3<${hex('/data/x')}>, "${hex('lo')}"..., 900) = 900`)
    const [unknown] = parse(`7 fallocate(3<${hex('/data/x')}>, 0, 0, 8) = 0`)
    if (cut === undefined || unknown === undefined) throw new Error('no call was read')
    expect(() => diskCall(cut, FOLDER)).toThrow('not whole')
    expect(() => diskCall(unknown, FOLDER)).toThrow('fallocate')
  })
})
