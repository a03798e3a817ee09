import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { FrontendSettings } from '../../config/frontend-settings.ts'
import { matchesEtag } from '../etag.ts'
import { header } from '../request-facts.ts'
import { findAsset } from './find-asset.ts'
import { IndexPage } from './index-page.ts'

/** What is the API's is never answered with a page. */
const API = /^\/+(?:api|auth|health|metrics|docs|openapi\.json)(?:\/|$)/i
/** Directories of build tools. What is missing there is missing, and no page of the application. */
const ASSETS = /^\/(?:assets|static)\//
/** A name with a hash of the content in it, such as index-Bq3fA9xZ.js or main.0a1b2c3d.css. */
const HASHED = /[.-](?=[\w-]*\d)[\w-]{8,}\.(?:\w+\.)?\w+$/
const FOREVER = 'public, max-age=31536000, immutable'
const REVALIDATE = 'no-cache'

/**
 * Serves a built single-page application: its files, and its index for every other page that a browser navigates to.
 * Files with a hash in their name never change, so browsers keep them; all others are asked for again.
 */
export function frontend(settings: FrontendSettings): RequestHandler {
  const index = new IndexPage(settings)
  return async (request: Request, response: Response, next: NextFunction) => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || API.test(request.path)) return next()
    const { path } = request
    const asset = path === '/' || path === '/index.html' ? null : await findAsset(settings.directory, path)
    if (asset !== null) {
      response.setHeader('Content-Security-Policy', index.policyOfAssets)
      response.setHeader('Cache-Control', ASSETS.test(path) && HASHED.test(path) ? FOREVER : REVALIDATE)
      return response.sendFile(asset, { root: settings.directory, cacheControl: false, dotfiles: 'deny' })
    }
    const isPage = path === '/' || path === '/index.html' || (acceptsPages(request) && !ASSETS.test(path))
    if (!isPage) return next()
    await sendIndex(index, request, response)
  }
}

async function sendIndex(index: IndexPage, request: Request, response: Response): Promise<void> {
  const { body, etag, policy } = await index.get()
  response.setHeader('Content-Security-Policy', policy)
  response.setHeader('Cache-Control', REVALIDATE)
  response.setHeader('ETag', `"${etag}"`)
  response.setHeader('Vary', 'Accept')
  if (matchesEtag(header(request, 'if-none-match'), etag)) {
    response.statusCode = 304
    response.end()
    return
  }
  response.type('html').send(body)
}

/** Browsers say so when somebody navigates; scripts and images are asked for in other words. */
function acceptsPages(request: Request): boolean {
  return (request.headers.accept ?? '').includes('text/html')
}
