import { constants, type BigIntStats, type Dirent } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, opendir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * An open directory. All is done relative to it, by one name at a time, and no symbolic link is followed: whatever
 * somebody does meanwhile to the directories above, nothing outside is reached. Linux has openat(2) for this; Node does
 * not, but /proc/self/fd/N/name is the same.
 */
export class DirectoryHandle implements AsyncDisposable {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** The place that an administrator named; here links count. */
  static async open(path: string): Promise<DirectoryHandle> {
    return new DirectoryHandle(await open(path, O_RDONLY | O_DIRECTORY))
  }

  /** @throws ELOOP or ENOTDIR if the name is a symbolic link or a file, ENOENT */
  async enter(name: string): Promise<DirectoryHandle> {
    return new DirectoryHandle(await open(this.#at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  stat(name: string): Promise<BigIntStats> {
    return lstat(this.#at(name), { bigint: true })
  }

  /** Names as they are, in no order; they need not be UTF-8. */
  names(): Promise<Buffer[]> {
    return readdir(this.#self, { encoding: 'buffer' })
  }

  /** The same with what they are; a link is one. */
  entries(): Promise<Dirent<Buffer>[]> {
    return readdir(this.#self, { encoding: 'buffer', withFileTypes: true })
  }

  async isEmpty(): Promise<boolean> {
    await using directory = await opendir(this.#self)
    return (await directory.read()) === null
  }

  /** Not a pipe, for which one would wait. */
  openFile(name: string): Promise<FileHandle> {
    return open(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  }

  createFile(name: string): Promise<FileHandle> {
    return open(this.#at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640)
  }

  makeDirectory(name: string): Promise<void> {
    return mkdir(this.#at(name), 0o750)
  }

  /** Replaces a file that stands there, and a link itself. */
  rename(name: string, to: DirectoryHandle, newName: string): Promise<void> {
    return rename(this.#at(name), to.#at(newName))
  }

  unlink(name: string): Promise<void> {
    return unlink(this.#at(name))
  }

  removeIfThere(name: string): Promise<void> {
    return rm(this.#at(name), { force: true })
  }

  removeDirectory(name: string): Promise<void> {
    return rmdir(this.#at(name))
  }

  /** What was made or removed in it survives a crash. */
  sync(): Promise<void> {
    return this.#handle.sync()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close()
  }

  get #self(): string {
    return `/proc/self/fd/${this.#handle.fd}`
  }

  #at(name: string): string {
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
      throw new Error('this is not a name of one component')
    }
    return `${this.#self}/${name}`
  }
}
