import type { SnapshotFile } from './snapshot-rows.ts'

/** How the files of a later state differ from those of an earlier one; paths begin below the workspace. */
export interface SnapshotDiff {
  readonly added: readonly SnapshotFile[]
  readonly removed: readonly SnapshotFile[]
  readonly modified: readonly { readonly before: SnapshotFile; readonly after: SnapshotFile }[]
  readonly unchanged: number
}

/** Compares the files of two snapshots; directories do not count. The order of the paths is kept. */
export function diffSnapshots(before: readonly SnapshotFile[], after: readonly SnapshotFile[]): SnapshotDiff {
  const old = new Map(before.filter(isFile).map((file) => [file.path, file]))
  const added: SnapshotFile[] = []
  const modified: { before: SnapshotFile; after: SnapshotFile }[] = []
  let unchanged = 0
  for (const file of after.filter(isFile)) {
    const was = old.get(file.path)
    old.delete(file.path)
    if (was === undefined) added.push(file)
    else if (was.content_hash === file.content_hash) unchanged++
    else modified.push({ before: was, after: file })
  }
  return { added, removed: [...old.values()], modified, unchanged }
}

function isFile({ content_hash }: SnapshotFile): boolean {
  return content_hash !== null
}
