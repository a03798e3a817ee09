/** For many suites at once. What makes a commit durable is left alone. */
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

export const PASSWORD = 'nexus-test'
