import { fileURLToPath } from 'node:url'
import { type Request, type Response, Router } from 'express'
import { openApiDocument } from '../openapi/document.ts'
import type { MethodRegistry } from '../rpc/registry.ts'
import { sendJson } from './send.ts'

/** The page runs its own scripts alone, and talks to this server alone. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Nexus API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
})
`

const ASSETS = {
  'swagger-ui.css': import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
  'swagger-ui-bundle.js': import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
}
const ASSET_MAX_AGE_MS = 3_600_000

/** GET /openapi.json, and /docs: the same as a page. */
export function docsRoute(methods: MethodRegistry): Router {
  const router = Router()
  let document: string | undefined
  router.get('/openapi.json', (_request, response) => {
    document ??= JSON.stringify(openApiDocument(methods.all))
    sendJson(response, 200, document)
  })
  router.get('/docs', (_request, response) => sendText(response, 'html', PAGE))
  router.get('/docs/start.js', (_request, response) => sendText(response, 'js', START))
  for (const [name, url] of Object.entries(ASSETS)) {
    router.get(`/docs/${name}`, (_request: Request, response: Response) =>
      response.sendFile(fileURLToPath(url), { maxAge: ASSET_MAX_AGE_MS }),
    )
  }
  return router
}

function sendText(response: Response, type: string, body: string): void {
  response.setHeader('Content-Security-Policy', POLICY)
  response.setHeader('Cache-Control', 'no-cache')
  response.type(type).send(body)
}
