/** Tells the replicas of a shared store of new revisions. All of it is hints: what counts is what the store says. */
export interface HeadNotices {
  /** A revision of a tenant was committed. Never fails, and does not wait. */
  announce(tenant: string, revision: number): void
  /** Where to go with the notices of all replicas; `onGap` says that some may have been missed. Called once. */
  listen(onHead: (tenant: string, revision: number) => void, onGap: () => void): void
  close(): Promise<void>
}
