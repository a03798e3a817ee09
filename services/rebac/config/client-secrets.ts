/** A secret by which another service may call this one. */
export interface ClientSecret {
  /** For logs and metrics. */
  readonly name: string
  readonly secret: string
  readonly readOnly: boolean
  /** null: every tenant. */
  readonly tenants: ReadonlySet<string> | null
}

/** Shorter ones can be guessed. */
export const MIN_SECRET_LENGTH = 16

/**
 * Parses REBAC_TOKENS: entries separated by white space or semicolons, each `name:secret[:ro][:tenant,tenant...]`.
 * Problems are added to the list; secrets are never repeated in them.
 */
export function parseClientSecrets(text: string, problems: string[]): ClientSecret[] {
  const secrets: ClientSecret[] = []
  for (const entry of text.split(/[\s;]+/).filter((part) => part !== '')) {
    const [name = '', secret = '', ...rest] = entry.split(':')
    const readOnly = rest[0] === 'ro'
    if (readOnly) rest.shift()
    const tenants = rest.shift()
    if (!/^[\w.-]{1,64}$/.test(name))
      problems.push('REBAC_TOKENS has an entry that is not name:secret[:ro][:tenant,...].')
    else if (secret.length < MIN_SECRET_LENGTH) {
      problems.push(`REBAC_TOKENS: the secret of "${name}" must have at least ${MIN_SECRET_LENGTH} characters.`)
    } else if (rest.length > 0) problems.push(`REBAC_TOKENS: the entry of "${name}" has too many parts.`)
    else secrets.push({ name, secret, readOnly, tenants: tenants === undefined ? null : new Set(tenants.split(',')) })
  }
  if (secrets.length === 0) problems.push('REBAC_TOKENS names no usable secret.')
  return secrets
}
