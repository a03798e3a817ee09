import { describe, expect, test } from 'vitest'
import type { WriteIndexer } from '../../../gateway/files/indexer.ts'
import { admin, bytes, type Engine, rows, worlds } from './harness.ts'

const indexer: WriteIndexer = {
  wants: (path) => path.endsWith('/SKILL.md'),
  index: (path, content) => {
    const text = new TextDecoder().decode(content)
    if (!path.endsWith('/SKILL.md') || text === 'none') return null
    return {
      name: text,
      description: `about ${text}`,
      version: null,
      author: 'me',
      requires: '[]',
      metadata: '{}',
      skillCreatedAt: null,
      skillModifiedAt: null,
      warnings: '[]',
      error: null,
      terms: [['word', 1]],
    }
  },
}

/** The skills index follows what is written, in the same transaction. */
export function indexingSuite(engine: Engine): void {
  describe(`indexing (${engine.name})`, () => {
    const world = worlds(engine)

    test('a row comes, changes and goes with its file', async () => {
      const gateway = await (await world()).start({ indexer })
      const { files } = gateway
      const names = async () =>
        (await rows<{ name: string }>(gateway, 'select name from skills order by name')).map((row) => row.name)
      await files.write(admin(), '/s/pdf/SKILL.md', bytes('pdf'))
      await files.write(admin(), '/s/doc/SKILL.md', bytes('doc'))
      await files.write(admin(), '/s/doc/readme', bytes('doc'))
      expect(await names()).toEqual(['doc', 'pdf'])
      await files.write(admin(), '/s/pdf/SKILL.md', bytes('pdf2'))
      expect(await names()).toEqual(['doc', 'pdf2'])
      await files.write(admin(), '/s/pdf/SKILL.md', bytes('none'))
      expect(await names()).toEqual(['doc'])
      await files.rmdir(admin(), '/s', { recursive: true })
      expect(await names()).toEqual([])
    })
  })
}
