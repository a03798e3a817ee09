import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { getContainerRuntimeClient } from 'testcontainers'
import { PASSWORD } from './postgres-settings.ts'

/**
 * @param flags of the server
 * @throws if no container engine answers, or the image (POSTGRES_IMAGE) cannot be had
 */
export async function startContainer(
  flags: readonly string[],
): Promise<{ url: string; image: string; stop: () => Promise<void> }> {
  const image = process.env['POSTGRES_IMAGE'] ?? 'postgres:17-alpine'
  await getContainerRuntimeClient()
  const container = await new PostgreSqlContainer(image)
    .withPassword(PASSWORD)
    .withCommand(['postgres', ...flags])
    .start()
  return {
    url: container.getConnectionUri(),
    image,
    stop: async () => {
      await container.stop()
    },
  }
}
