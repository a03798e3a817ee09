/** For many suites at once. */
export const SERVER_FLAGS = [
  '-c',
  'max_connections=300',
  '-c',
  'shared_buffers=256MB',
  '-c',
  'max_wal_size=2GB',
  '-c',
  'jit=off',
]

/** For suites that never take the power from the server: it does not wait for the disk, neither in a commit nor in `drop database`. */
export const VOLATILE_FLAGS = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']

export const PASSWORD = 'nexus-test'
