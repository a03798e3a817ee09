/**
 * URL of a module that a worker thread is to load, given without its extension and relative to the asking module.
 * The extension is the asker's: .ts in development, .js in a build, where only import statements are rewritten.
 */
export function siblingModule(askerUrl: string, path: string): URL {
  const extension = askerUrl.endsWith('.ts') ? '.ts' : '.js'
  return new URL(path + extension, askerUrl)
}
