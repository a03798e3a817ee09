import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { getContainerRuntimeClient } from 'testcontainers'
import { PASSWORD, SERVER_FLAGS } from './postgres-settings.ts'

/** @throws if no container engine answers, or the image (POSTGRES_IMAGE) cannot be had */
export async function startContainer(): Promise<{ url: string; image: string; stop: () => Promise<void> }> {
  const image = process.env['POSTGRES_IMAGE'] ?? 'postgres:17-alpine'
  await getContainerRuntimeClient()
  const container = await new PostgreSqlContainer(image)
    .withPassword(PASSWORD)
    .withCommand(['postgres', ...SERVER_FLAGS])
    .start()
  return {
    url: container.getConnectionUri(),
    image,
    stop: async () => {
      await container.stop()
    },
  }
}
