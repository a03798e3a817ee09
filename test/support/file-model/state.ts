/** One of the contents that a file had. */
export interface ModelVersion {
  readonly content: string
  readonly source: 'original' | 'rollback'
}

/** What stands at a path; never changed, only replaced, so that a copy of the maps is a copy of everything. */
export interface ModelNode {
  /** The oldest first; null: it is a directory. */
  readonly versions: readonly ModelVersion[] | null
  readonly implicit: boolean
}

/** A relationship of a subject, written `type:id`, with a file. */
export interface ModelGrant {
  readonly path: string
  readonly relation: string
  readonly subject: string
  /** The number by which commands name it; null as long as nobody was told its id. */
  readonly handle: number | null
}

/** Something in the trash, with what stood below it, by paths that begin below it, and what was granted on it. */
export interface ModelTrash {
  readonly handle: number
  readonly path: string
  readonly nodes: ReadonlyMap<string, ModelNode>
  readonly grants: readonly ModelGrant[]
}

/** A tenant's files and who may do what with them: maps, and nothing else. */
export class ModelState {
  readonly nodes: Map<string, ModelNode>
  grants: readonly ModelGrant[]
  trash: readonly ModelTrash[]
  /** Handles that were given out. */
  grantHandles: number
  trashHandles: number

  constructor(from?: ModelState) {
    this.nodes = new Map(from?.nodes)
    this.grants = from?.grants ?? []
    this.trash = from?.trash ?? []
    this.grantHandles = from?.grantHandles ?? 0
    this.trashHandles = from?.trashHandles ?? 0
  }

  copy(): ModelState {
    return new ModelState(this)
  }

  /** The lowest thing that stands on the way to a path; the root always does. */
  anchor(path: string): string {
    let at = path
    while (at !== '/' && !this.nodes.has(at)) at = parentOf(at)
    return at
  }

  isFile(path: string): boolean {
    return (this.nodes.get(path)?.versions ?? null) !== null
  }

  below(path: string): readonly string[] {
    return [...this.nodes.keys()].filter((one) => one !== path && isWithin(one, path))
  }

  isEmpty(path: string): boolean {
    return this.below(path).length === 0
  }

  /** Makes the directories above a path that are missing; those of `explicitFrom` or more components are no mere places. */
  makeAbove(path: string, explicitFrom = Number.POSITIVE_INFINITY): void {
    for (let at = parentOf(path); at !== '/' && !this.nodes.has(at); at = parentOf(at)) {
      this.nodes.set(at, { versions: null, implicit: depthOf(at) < explicitFrom })
    }
  }

  /** Removes directories that were only the place of something, from one upwards. */
  prune(from: string): void {
    for (let at = from; this.nodes.get(at)?.implicit === true && this.isEmpty(at); at = parentOf(at)) {
      this.nodes.delete(at)
    }
  }

  /** Takes out what stands at a path, with all below. */
  take(path: string): ReadonlyMap<string, ModelNode> {
    const taken = new Map([...this.nodes].filter(([at]) => isWithin(at, path)))
    for (const at of taken.keys()) this.nodes.delete(at)
    this.prune(parentOf(path))
    return new Map([...taken].map(([at, node]) => [at.slice(path.length), node]))
  }

  put(path: string, nodes: ReadonlyMap<string, ModelNode>): void {
    this.makeAbove(path)
    for (const [below, node] of nodes) this.nodes.set(path + below, node)
  }

  /** What is granted at a path and below it is not any more. */
  takeGrants(path: string): readonly ModelGrant[] {
    const taken = this.grants.filter((grant) => isWithin(grant.path, path))
    this.grants = this.grants.filter((grant) => !isWithin(grant.path, path))
    return taken
  }

  /** Adds a grant, unless it is there. */
  grant(path: string, relation: string, subject: string): void {
    if (this.findGrant(path, relation, subject) !== undefined) return
    this.grants = [...this.grants, { path, relation, subject, handle: null }]
  }

  findGrant(path: string, relation: string, subject: string): ModelGrant | undefined {
    return this.grants.find((one) => one.path === path && one.relation === relation && one.subject === subject)
  }
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** Whether a path is another one, or lies below it. */
export function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(top === '/' ? top : `${top}/`)
}

/** How many components a path has. */
export function depthOf(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1
}
