import { z } from 'zod'
import type { Files, FileVersion } from '../../files/contract.ts'
import { normalizePath } from '../../files/paths.ts'
import { unifiedDiff } from '../../files/unified-diff.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, path, withDefault } from '../parameters.ts'

const number = z.int().min(1)
const oneVersion = z.strictObject({ path, version: number, context: ignored })

/** The methods of nexus-api.md 2.2. */
export function versionMethods(files: Files): Method[] {
  return [
    defineMethod({
      name: 'list_versions',
      docs: {
        summary: 'The versions of a file, the newest first',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md' } },
      },
      params: z.strictObject({ path, context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async (params, context) => (await files.listVersions(context, params.path)).map(presentVersion),
    }),
    defineMethod({
      name: 'get_version',
      docs: {
        summary: 'Read an old version of a file',
        example: { params: { path: '/tenant:default/user:admin/workspace/ws_my_workspace/README.md', version: 1 } },
      },
      params: oneVersion,
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const [found] = await files.readVersions(context, params.path, [params.version])
        return await found?.content()
      },
    }),
    defineMethod({
      name: 'rollback',
      docs: {
        summary: 'Make an old version the newest',
        example: {
          before: [
            ['write', { path: '/tenant:default/user:admin/workspace/examples/rolled.txt', content: 'first' }],
            ['write', { path: '/tenant:default/user:admin/workspace/examples/rolled.txt', content: 'second' }],
          ],
          params: { path: '/tenant:default/user:admin/workspace/examples/rolled.txt', version: 1 },
        },
      },
      params: oneVersion,
      cacheControl: CACHE.none,
      async handle(params, context) {
        await files.rollback(context, params.path, params.version)
        return null
      },
    }),
    diffMethod(files),
  ]
}

function diffMethod(files: Files): Method {
  return defineMethod({
    name: 'diff_versions',
    docs: {
      summary: 'What differs between two versions of a file',
      example: {
        before: [
          ['write', { path: '/tenant:default/user:admin/workspace/examples/versions.txt', content: 'first' }],
          ['write', { path: '/tenant:default/user:admin/workspace/examples/versions.txt', content: 'second' }],
        ],
        params: { path: '/tenant:default/user:admin/workspace/examples/versions.txt', v1: 1, v2: 2, mode: 'content' },
      },
    },
    params: z.strictObject({
      path,
      v1: number,
      v2: number,
      mode: withDefault(z.enum(['metadata', 'content']), 'metadata'),
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const found = await files.readVersions(context, params.path, [params.v1, params.v2])
      const [before, after] = found
      if (before === undefined || after === undefined) throw new Error('two versions were asked for')
      if (params.mode === 'metadata') return presentDifference(params.path, before.version, after.version)
      if (before.version.etag === after.version.etag) return '(no content changes)'
      const at = normalizePath(params.path)
      const sides = await Promise.all(
        found.map(async ({ version, content }) => ({
          name: `${at} (version ${version.version})`,
          content: await content(),
        })),
      )
      const [left, right] = sides
      return left === undefined || right === undefined ? null : unifiedDiff(left, right)
    },
  })
}

function presentVersion(version: FileVersion) {
  return {
    version: version.version,
    version_id: version.versionId,
    content_hash: version.etag,
    size: version.size,
    mime_type: version.mimeType,
    created_at: new Date(version.createdAt),
    created_by: version.createdBy,
    change_reason: version.changeReason,
    source_type: version.sourceType,
    parent_version_id: version.parentVersionId,
  }
}

function presentDifference(path: string, before: FileVersion, after: FileVersion) {
  return {
    path,
    v1: before.version,
    v2: after.version,
    content_hash_v1: before.etag,
    content_hash_v2: after.etag,
    content_changed: before.etag !== after.etag,
    size_v1: before.size,
    size_v2: after.size,
    size_delta: after.size - before.size,
    created_at_v1: new Date(before.createdAt),
    created_at_v2: new Date(after.createdAt),
    mime_type_v1: before.mimeType,
    mime_type_v2: after.mimeType,
  }
}
