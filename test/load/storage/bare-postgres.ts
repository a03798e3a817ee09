import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { createDatabase, type TestDatabase } from '../../support/postgres.ts'
import { exampleFile, exampleUser } from './examples.ts'

const INSERT = `insert into relationships select 'bench', id, 'file', object, 'direct_viewer', '', 'user', subject, '', '',
  null, null, $4, null from unnest($1::text[], $2::text[], $3::text[]) as rows (id, object, subject)`

/** Bare inserts of relationships, by unnest, into an empty copy of a database's table and its indexes. */
export class BarePostgres {
  readonly #database: TestDatabase
  readonly #pool: pg.Pool
  #next = 0

  private constructor(database: TestDatabase, size: number) {
    this.#database = database
    this.#pool = new pg.Pool({ connectionString: database.url, max: size })
  }

  /**
   * @param modelUrl of a permission database, whose definitions are copied
   * @param size how many connections insert at once
   */
  static async create(serverUrl: string, modelUrl: string, size: number): Promise<BarePostgres> {
    const model = new pg.Client({ connectionString: modelUrl })
    await model.connect()
    const columns = await model.query<{ definition: string }>(`select string_agg(format('%I %s%s%s', attname,
        format_type(atttypid, atttypmod), case when attcollation <> 0 then ' collate "C"' else '' end,
        case when attnotnull then ' not null' else '' end), ', ' order by attnum) as definition
      from pg_attribute where attrelid = 'relationships'::regclass and attnum > 0`)
    const indexes = await model.query<{ indexdef: string }>(
      `select indexdef from pg_indexes where tablename = 'relationships'`,
    )
    await model.end()
    const bare = new BarePostgres(await createDatabase(serverUrl), size)
    await bare.#pool.query(`create table relationships (${columns.rows[0]?.definition ?? ''})`)
    for (const { indexdef } of indexes.rows) await bare.#pool.query(indexdef)
    return bare
  }

  /** Inserts in one durable statement; returns how many. */
  async insert(count: number): Promise<number> {
    const indexes = Array.from({ length: count }, () => this.#next++)
    await this.#pool.query({
      name: 'insert',
      text: INSERT,
      values: [
        indexes.map(() => uuidv7()),
        indexes.map((index) => exampleFile(index)),
        indexes.map((index) => exampleUser(index)),
        Date.now(),
      ],
    })
    return count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
    await this.#database.drop()
  }
}
