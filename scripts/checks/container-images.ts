import { getContainerRuntimeClient } from 'testcontainers'

const IMAGES = [
  process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim',
  process.env['NODE_BUILD_IMAGE'] ?? 'node:24-bookworm',
  process.env['POSTGRES_IMAGE'] ?? 'postgres:17-alpine',
]

/** Why containers cannot be run here, in words; null if they can. Pulls the images that are not there yet. */
export async function noContainersBecause(): Promise<string | null> {
  try {
    const { dockerode } = (await getContainerRuntimeClient()).container
    for (const image of IMAGES) {
      const present = await dockerode
        .getImage(image)
        .inspect()
        .then(
          () => true,
          () => false,
        )
      if (present) continue
      const progress = await dockerode.pull(image)
      await new Promise<void>((resolve, reject) => {
        dockerode.modem.followProgress(progress, (error) => (error === null ? resolve() : reject(error)))
      })
    }
    return null
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n')
    return reason.trim()
  }
}

/** Whether containers must be run: where TEST_DB or CI says so, their absence is a failure. */
export function containersAreRequired(): boolean {
  return (process.env['TEST_DB'] ?? (process.env['CI'] ? 'docker' : 'auto')) === 'docker'
}
