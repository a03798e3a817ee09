// Makes the secrets of docker-compose.yml in ./secrets, each in a file of its own. What is there already stays.
// The folder is closed to other users of this machine; the files are not, because a container's user must read them.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = resolve(process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'secrets'))
mkdirSync(folder, { recursive: true })
chmodSync(folder, 0o700)

keep('postgres_password', random)
keep('rebac_token', random)
keep('admin_key', () => `sk-default_admin_${randomBytes(4).toString('hex')}_${randomBytes(16).toString('hex')}`)
for (const name of ['rebac', 'gateway']) {
  const password = keep(`${name}_database_password`, random)
  keep(`${name}_database_url`, () => `postgres://${name}:${password}@postgres:5432/${name}`)
}
process.stdout.write(`The secrets are in ${folder}; the first administrator's key is in admin_key.\n`)

/** The secret of that name, made if it is not there. */
function keep(name, make) {
  const file = join(folder, name)
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o644 })
  return readFileSync(file, 'utf8').trim()
}

function random() {
  return randomBytes(24).toString('hex')
}
