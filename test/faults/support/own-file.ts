// A process that tries to own a SQLite file, as every start does before anything else, each time it is told to.
//   node own-file.ts FILE
// It reads lines: `try AT` (when, in milliseconds since 1970; answered with `owner` or the reason why not), `release`.
import { createInterface } from 'node:readline'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { ownSqliteFile } from '../../../services/common/sql/sqlite/ownership.ts'

const [file = ''] = process.argv.slice(2)
let owner: Disposable | undefined

createInterface(process.stdin).on('line', (line) => {
  if (line === 'release') {
    owner?.[Symbol.dispose]()
    owner = undefined
    return
  }
  // Both processes leave this loop within microseconds of each other.
  const at = Number(line.slice('try '.length))
  while (performance.timeOrigin + performance.now() < at) continue
  try {
    owner = ownSqliteFile(file)
    process.stdout.write('owner\n')
  } catch (error) {
    process.stdout.write(`${error instanceof NexusError ? error.reason : String(error)}\n`)
  }
})
