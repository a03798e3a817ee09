import { z } from 'zod'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../services/common/json.ts'

/** What a column may be summed up to. */
export const AGGREGATIONS = ['mean', 'sum', 'count', 'min', 'max', 'median', 'std'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

const column = z.string().min(1).max(256)
const columns = z.array(column).max(1_000).optional()

/**
 * Which columns of a table somebody sees: `visible_columns` as they are, those of `aggregations` as one value, others
 * not. Without `visible_columns` all columns are visible that are neither hidden nor aggregated.
 */
export const columnConfig = z
  .strictObject({
    hidden_columns: columns,
    aggregations: z.record(column, z.enum(AGGREGATIONS)).optional(),
    visible_columns: columns,
  })
  .superRefine((config, context) => {
    const seen = new Map<string, string>()
    for (const [category, names] of Object.entries(namesOf(config))) {
      for (const name of names) {
        const other = seen.get(keyOf(name))
        if (other !== undefined && other !== category) {
          context.addIssue({
            code: 'custom',
            message: `must name a column in one place only: '${name}' is in ${other} and ${category}`,
          })
        }
        seen.set(keyOf(name), category)
      }
    }
    if (seen.size === 0) {
      context.addIssue({
        code: 'custom',
        message: 'must name columns in hidden_columns, aggregations or visible_columns',
      })
    }
  })

export type ColumnConfig = z.output<typeof columnConfig>

function namesOf(config: {
  readonly hidden_columns?: readonly string[] | undefined
  readonly aggregations?: Readonly<Record<string, string>> | undefined
  readonly visible_columns?: readonly string[] | undefined
}) {
  return {
    hidden_columns: config.hidden_columns ?? [],
    aggregations: Object.keys(config.aggregations ?? {}),
    visible_columns: config.visible_columns ?? [],
  }
}

/** Columns are the same if they differ in case, in space around, or in the form of their letters only. */
export function keyOf(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

/** @throws NexusError INVALID_PARAMS if it is no configuration of columns */
export function checkColumnConfig(config: JsonObject): void {
  const parsed = columnConfig.safeParse(config)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  const where = ['column_config', ...(issue?.path ?? [])].map(String).join('.')
  throw new NexusError('INVALID_PARAMS', `parameter '${where}': ${issue?.message ?? 'has the wrong form'}`)
}
