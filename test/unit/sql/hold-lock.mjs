// An outside process that holds SQLite's write lock until a line comes in on standard input.
import BetterSqlite3 from 'better-sqlite3'

const database = new BetterSqlite3(process.argv[2])
database.exec('begin immediate')
process.stdout.write('held\n')
process.stdin.once('data', () => {
  database.exec('rollback')
  database.close()
  process.stdout.write('released\n')
  process.stdin.unref()
})
