import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RebacProcess } from '../../support/rebac-process.ts'
import { freePorts } from '../../waves/system/ports.ts'

const TOKEN = 'the benchmark is the only client of this service'

/** A permission service in a process of its own, on a fresh SQLite database. */
export interface RebacUnderTest extends AsyncDisposable {
  readonly address: string
  readonly token: string
  readonly metricsUrl: string
  readonly dataDir: string
}

export async function startRebacUnderTest(): Promise<RebacUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nexus-bench-'))
  const [port = 0] = await freePorts(1)
  const rebac = new RebacProcess({
    NEXUS_DATA_DIR: dataDir,
    NEXUS_REBAC_TOKEN: TOKEN,
    REBAC_METRICS_LISTEN: `127.0.0.1:${port}`,
  })
  const stop = async (): Promise<void> => {
    await rebac.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const address = await rebac.address
    const metricsUrl = `http://127.0.0.1:${port}/metrics`
    return { address, token: TOKEN, metricsUrl, dataDir, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
