/** A state of a tenant's permissions. Whoever asks for no older than its token sees the change that made it. */
export interface Revision {
  /** Counts up with each change of the tenant. */
  readonly revision: number
  /** Its signed name, for others. */
  readonly token: string
}

/** The newest revision of each tenant that something has changed. */
export class RevisionNotes {
  readonly #newest = new Map<string, Revision>()

  note(tenant: string, { revision, token }: Revision): void {
    const known = this.#newest.get(tenant)
    if (known === undefined || known.revision < revision) this.#newest.set(tenant, { revision, token })
  }

  has(tenant: string): boolean {
    return this.#newest.has(tenant)
  }

  /** Takes over what somebody else noted. */
  adopt(others: RevisionNotes): void {
    for (const [tenant, revision] of others.all()) this.note(tenant, revision)
  }

  all(): Iterable<readonly [tenant: string, revision: Revision]> {
    return this.#newest
  }
}
