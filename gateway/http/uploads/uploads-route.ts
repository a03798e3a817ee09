import { AsyncLocalStorage } from 'node:async_hooks'
import { type ServerOptions, Server } from '@tus/server'
import type { Upload } from '@tus/utils'
import type { Request, Response } from 'express'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { Turns } from '../../files/turns.ts'
import { unquoted } from '../../rpc/methods/file-answers.ts'
import { sendFileError } from '../files/file-errors.ts'
import { type FilesRouteOptions, identify } from '../files/files-route.ts'
import { requestIdOf } from '../request-facts.ts'
import { sendDetail } from '../send.ts'
import { isPassing, uploadError } from './upload-answers.ts'
import type { UploadStore } from './upload-store.ts'

export interface UploadsRouteOptions extends FilesRouteOptions {
  readonly store: UploadStore
  /** How many bytes a file may have. */
  readonly maxFileBytes: number
}

export const UPLOADS_PATH = '/api/uploads'
const METHODS = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS']
const OWN_HEADERS = ['Authorization', 'X-Agent-ID', 'X-Request-ID', 'X-Nexus-Revision', 'X-Nexus-Device']
const EXPOSED_HEADERS = ['X-Request-ID', 'X-Nexus-Revision', 'Retry-After']
const ID = /^[0-9a-f-]{36}$/
/** A sender who sends nothing for this long is cut off, in milliseconds; what has come stays. */
const IDLE_MS = 60_000

/** Who sends the request that a hook of the library is called for. */
interface Sender {
  readonly requestId: string
  readonly now: CallContext
  readonly later: () => Promise<CallContext>
}

/** The protocol tus (1.0.0): uploads that go on where they broke off, and then become files as by any other write. */
export function uploadsRoute(options: UploadsRouteOptions): (request: Request, response: Response) => Promise<void> {
  const { inFlight, logger, metrics } = options
  const senders = new AsyncLocalStorage<Sender>()
  const server = new Server({ datastore: options.store, ...hooksOf(options, senders) })
  return async (request, response) => {
    if (!METHODS.includes(request.method)) {
      response.setHeader('Allow', METHODS.join(', '))
      return sendDetail(response, 405, 'Method Not Allowed')
    }
    const begun = performance.now()
    let code = 0
    try {
      inFlight.enter()
      try {
        request.setTimeout(IDLE_MS, () => request.destroy())
        if (request.method === 'OPTIONS') return await server.handle(request, response)
        const later = () => identify(options, request, response)
        const sender = { requestId: requestIdOf(response), now: await later(), later }
        await senders.run(sender, () => server.handle(request, response))
      } finally {
        inFlight.leave()
      }
    } catch (error) {
      code = sendFileError(response, error, logger)
    }
    metrics.answered('upload', code, (performance.now() - begun) / 1_000)
  }
}

function hooksOf(
  { files, store, logger, maxFileBytes }: UploadsRouteOptions,
  senders: AsyncLocalStorage<Sender>,
): Omit<ServerOptions, 'locker'> {
  const commits = new Turns()
  const sender = (): Sender => {
    const found = senders.getStore()
    if (found === undefined) throw new Error('a hook was called outside of a request')
    return found
  }

  /** Makes a complete upload the content of its file, once. What cannot become one is removed. */
  async function commit(id: string): Promise<void> {
    await commits.take(id, async () => {
      const upload = await store.getUpload(id)
      const plan = store.planOf(upload)
      if (plan.version !== undefined || (await noteIfFinished(upload))) return
      const { later } = sender()
      try {
        const entry = await files.upload(await later(), plan.path, store.contentOf(id), {
          ifMatch: plan.ifMatch,
          ifNoneMatch: plan.ifNoneMatch,
          announced: upload.size,
          uploadId: id,
          later,
        })
        await store.finish(upload, entry.version)
      } catch (error) {
        // Another gateway was faster: what failed here was to be in vain.
        if (await noteIfFinished(upload)) return
        if (!isPassing(error)) await store.remove(id)
        throw error
      }
    })
  }

  /** Another gateway, or this one before it ended, may have made it a file and not have come to note that. */
  async function noteIfFinished(upload: Upload): Promise<boolean> {
    const version = await files.versionOfUpload(upload.id)
    if (version !== null) await store.finish(upload, version)
    return version !== null
  }

  return {
    path: UPLOADS_PATH,
    maxSize: maxFileBytes,
    // Behind a proxy nobody here knows how the outside names this server.
    relativeLocation: true,
    allowedHeaders: OWN_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    namingFunction: () => uuidv7(),
    disableTerminationForFinishedUploads: true,

    async onUploadCreate(_request, upload) {
      const { now } = sender()
      const { path, if_match: ifMatch, if_none_match: ifNoneMatch } = upload.metadata ?? {}
      if (path === undefined || path === null) {
        throw new NexusError('INVALID_PARAMS', "Upload-Metadata has no 'path', which says where the file shall be")
      }
      const metadata = {
        path,
        owner: ownerOf(now),
        ...(ifMatch ? { if_match: unquoted(ifMatch) } : {}),
        ...(ifNoneMatch ? { if_none_match: ifNoneMatch } : {}),
      }
      const plan = store.planOf({ metadata })
      await files.checkUpload(now, path, { ...plan, announced: upload.size })
      return { metadata }
    },

    async onIncomingRequest(request, id) {
      // Called for a new upload, too, before there is one.
      if (request.method === 'POST') return
      if (!ID.test(id)) throw noUpload()
      const upload = await store.getUpload(id)
      const { owner, version } = store.planOf(upload)
      // Nobody else learns that it exists.
      if (owner !== ownerOf(sender().now)) throw noUpload()
      // All bytes have come, but it is not a file yet: a client that asks how far it is takes "all" for success.
      if (request.method === 'HEAD' && upload.offset === upload.size && version === undefined) await commit(id)
    },

    async onUploadFinish(_request, upload) {
      await commit(upload.id)
      return {}
    },

    onResponseError: (_request, error) => uploadError(error, senders.getStore()?.requestId ?? '', logger),
  }
}

function noUpload(): NexusError {
  return new NexusError('FILE_NOT_FOUND', 'There is no such upload.')
}

function ownerOf({ caller: { tenant, subject } }: CallContext): string {
  return `${tenant}/${subject.type}:${subject.id}`
}
