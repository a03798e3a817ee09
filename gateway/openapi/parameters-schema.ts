import { z } from 'zod'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { bytes, timedelta } from '../rpc/parameters.ts'

/** A schema of JSON, and those that it refers to by `#/components/schemas/{name}`. */
export interface DescribedSchema {
  readonly schema: JsonObject
  readonly components: Readonly<Record<string, JsonValue>>
}

/** The JSON schema of what a caller sends, from the one that checks it. */
export function parametersSchema(method: string, params: z.ZodType): DescribedSchema {
  const {
    $schema: _dialect,
    $defs = {},
    ...schema
  } = z.toJSONSchema(params, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // These travel as objects with `__type__`.
      if (zodSchema === bytes) jsonSchema.$ref = '#/components/schemas/Bytes'
      else if (zodSchema === timedelta) jsonSchema.$ref = '#/components/schemas/Timedelta'
      else if (zodSchema instanceof z.ZodDate) jsonSchema.$ref = '#/components/schemas/Datetime'
      // Of transformed values zod does not tell the default, which is that of the result.
      const value: unknown = z.globalRegistry.get(zodSchema)?.default
      if (value !== undefined) jsonSchema.default = value as never
    },
  })
  const componentName = (name: string): string => `${method}.${name}`
  const hoisted = (part: unknown): JsonValue =>
    JSON.parse(
      JSON.stringify(part).replaceAll(
        /"#\/\$defs\/([^"]+)"/g,
        (_ref, name: string) => `"#/components/schemas/${componentName(name)}"`,
      ),
    ) as JsonValue
  return {
    schema: hoisted(schema) as JsonObject,
    components: Object.fromEntries(Object.entries($defs).map(([name, part]) => [componentName(name), hoisted(part)])),
  }
}
