import { SchemaFormat as WireFormat } from '../../../common/gen/nexus/rebac/v1/schema.ts'
import type { SchemaFormat } from '../../schema/schema.ts'

/** How each format is called on the wire. */
export const wireFormats: Readonly<Record<SchemaFormat, WireFormat>> = {
  dsl: WireFormat.SCHEMA_FORMAT_DSL,
  json: WireFormat.SCHEMA_FORMAT_JSON,
  namespaces: WireFormat.SCHEMA_FORMAT_NAMESPACES,
}

/** The formats by what they are called on the wire. */
export const formatsByWire: ReadonlyMap<WireFormat, SchemaFormat> = new Map([
  [WireFormat.SCHEMA_FORMAT_DSL, 'dsl'],
  [WireFormat.SCHEMA_FORMAT_JSON, 'json'],
  [WireFormat.SCHEMA_FORMAT_NAMESPACES, 'namespaces'],
])
