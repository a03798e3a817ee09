import { inParallel } from '../../in-parallel.ts'

const LIMIT = 32

/**
 * Runs an action for items in waves: those of one wave together, a wave after the other. Items about paths that are
 * equal, or contain one another, are never in one wave, so they take effect in their order.
 */
export async function inWaves<I extends { readonly paths: readonly string[] }, R>(
  items: readonly I[],
  action: (item: I) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  let wave: I[] = []
  const flush = async (): Promise<void> => {
    results.push(...(await inParallel(wave.map((item) => () => action(item)))))
    wave = []
  }
  for (const item of items) {
    if (wave.length >= LIMIT || wave.some((other) => overlap(item.paths, other.paths))) await flush()
    wave.push(item)
  }
  await flush()
  return results
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.some((other) => contains(one, other) || contains(other, one)))
}

/** Compares paths as they are spelled once they are normalised. */
function contains(above: string, path: string): boolean {
  return `${plain(path)}/`.startsWith(`${plain(above)}/`)
}

function plain(path: string): string {
  return path
    .normalize('NFC')
    .split('/')
    .map((component) => component.trim())
    .filter((component) => component !== '')
    .join('/')
}
