/** A file system as plain as can be: a set of files and a set of directories that somebody made. */
export class ModelTree {
  readonly #files = new Set<string>()
  readonly #made = new Set<string>()

  /** Whether the step succeeds. */
  apply({ kind, path, to }: { readonly kind: string; readonly path: string; readonly to?: string }): boolean {
    if (kind === 'grant') return true
    if (to !== undefined) return this.#rename(path, to)
    const above = ancestors(path)
    if (kind === 'write' || kind === 'mkdir') {
      if (above.some((directory) => this.#files.has(directory))) return false
      if (kind === 'write') {
        if (this.isDirectory(path)) return false
        this.#files.add(path)
        return true
      }
      if (this.#files.has(path)) return false
      for (const directory of above) if (!this.isDirectory(directory)) this.#made.add(directory)
      this.#made.add(path)
      return true
    }
    if (kind === 'delete') return this.#files.delete(path) || (!this.#hasBelow(path) && this.#made.delete(path))
    if (!this.isDirectory(path)) return false
    for (const one of this.#all()) if (one === path || one.startsWith(`${path}/`)) this.#remove(one)
    return true
  }

  isDirectory(path: string): boolean {
    return this.#made.has(path) || this.#hasBelow(path)
  }

  visible(path: string, readable: (path: string) => boolean): boolean {
    const there = this.#files.has(path) || this.isDirectory(path)
    return there && (readable(path) || this.#all().some((one) => one.startsWith(`${path}/`) && readable(one)))
  }

  list(path: string, recursive: boolean, readable: (path: string) => boolean): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    const below = this.#all().filter((one) => one.startsWith(prefix))
    const candidates = recursive ? below : below.map((one) => prefix + one.slice(prefix.length).split('/')[0])
    const seen = [...new Set(candidates)].filter((one) => this.visible(one, readable))
    return seen.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  #rename(path: string, to: string): boolean {
    const there = (one: string) => this.#files.has(one) || this.isDirectory(one)
    if (to.startsWith(`${path}/`) || !there(path) || there(to)) return false
    if (ancestors(to).some((directory) => this.#files.has(directory))) return false
    for (const set of [this.#files, this.#made]) {
      for (const one of [...set].filter((entry) => entry === path || entry.startsWith(`${path}/`))) {
        set.delete(one)
        set.add(to + one.slice(path.length))
      }
    }
    return true
  }

  #all(): string[] {
    return [...this.#files, ...this.#made]
  }

  #hasBelow(path: string): boolean {
    return this.#all().some((one) => one.startsWith(`${path}/`))
  }

  #remove(path: string): void {
    this.#files.delete(path)
    this.#made.delete(path)
  }
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
