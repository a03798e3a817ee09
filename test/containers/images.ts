import { GenericContainer } from 'testcontainers'

/** The official images, unless the environment names others. */
export const POSTGRES_IMAGE = process.env['POSTGRES_IMAGE'] ?? 'postgres:17-alpine'
const BUILD_ARGUMENTS = {
  NODE_IMAGE: process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim',
  NODE_BUILD_IMAGE: process.env['NODE_BUILD_IMAGE'] ?? 'node:24-bookworm',
}

/** Kept after the tests: the engine's cache makes the next build a matter of seconds. */
export const IMAGES = { rebac: 'nexus-rebac:test', gateway: 'nexus-gateway:test' } as const

/** Builds both targets of the Dockerfile from the tree as it is. */
export async function buildImages(): Promise<void> {
  // One after the other: they share their first stages.
  for (const target of ['rebac', 'gateway'] as const) {
    await GenericContainer.fromDockerfile('.')
      .withTarget(target)
      .withBuildArgs(BUILD_ARGUMENTS)
      .build(IMAGES[target], { deleteOnExit: false })
  }
}
