import { readFileSync } from 'node:fs'
import { compileSchema } from './compile-schema.ts'
import type { Schema, SchemaSource } from './schema.ts'

/** The version under which the built-in schema answers. */
export const DEFAULT_SCHEMA_VERSION = 'default'

/** The text of the built-in schema, and its hierarchy: files form a tree by their paths. */
export function defaultSchemaSource(): SchemaSource {
  return {
    format: 'namespaces',
    model: readFileSync(new URL('./default-schema.yaml', import.meta.url), 'utf8'),
    hierarchies: [{ type: 'file', relation: 'parent', separator: '/' }],
  }
}

/** The built-in schema, compiled. It costs milliseconds: compile it once at start. */
export function defaultSchema(): Schema {
  return compileSchema(defaultSchemaSource(), DEFAULT_SCHEMA_VERSION)
}
