// A process that owns a SQLite file for as long as it lives, as every start does before anything else.
//   node own-file.ts FILE START_AT     START_AT: when to try, in milliseconds since 1970
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { ownSqliteFile } from '../../../services/common/sql/sqlite/ownership.ts'

const [file = '', startAt = '0'] = process.argv.slice(2)

// Both processes leave this loop within microseconds of each other, wherever their start took longer.
while (Date.now() < Number(startAt)) continue
try {
  const owner = ownSqliteFile(file)
  process.stdout.write('owner\n')
  process.stdin.once('end', () => owner[Symbol.dispose]()).resume()
} catch (error) {
  process.stdout.write(`${error instanceof NexusError ? error.reason : String(error)}\n`)
}
