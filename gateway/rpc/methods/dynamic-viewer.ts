import { z } from 'zod'
import type { CallContext } from '../../context.ts'
import { columnConfig } from '../../dynamic-viewer/column-config.ts'
import type { DynamicViewer } from '../../dynamic-viewer/dynamic-viewer.ts'
import type { FilteredTable } from '../../dynamic-viewer/filter-csv.ts'
import { objectName } from '../../relationships/object-name.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { content, ignored, line, path, withDefault } from '../parameters.ts'

const name = line.min(1)
const subject = z.tuple([name, name])
const TABLE = '/tenant:default/user:admin/staff.csv'
const CONFIG = { hidden_columns: ['salary'], aggregations: { age: 'mean' } }
const BEFORE = [
  ['write', { path: TABLE, content: 'name,age,salary\nAda,36,100\nBob,40,90\n' }],
  [
    'rebac_create',
    { subject: ['user', 'alice'], relation: 'dynamic_viewer', object: ['file', TABLE], column_config: CONFIG },
  ],
] as const
const EXAMPLE = { before: BEFORE, params: { subject: ['user', 'alice'], file_path: TABLE } }

/** The methods about tables of which somebody sees some columns. */
export function dynamicViewerMethods(viewer: DynamicViewer): Method[] {
  const params = z.strictObject({ subject, file_path: path, context: ignored })
  return [
    defineMethod({
      name: 'get_dynamic_viewer_config',
      params,
      cacheControl: CACHE.revalidate,
      handle: (given, context) => viewer.configOf(context, subjectOf(context, given.subject), given.file_path),
      docs: { summary: 'Reads which columns of a table somebody sees; null if nothing was set', example: EXAMPLE },
    }),
    defineMethod({
      name: 'apply_dynamic_viewer_filter',
      params: z.strictObject({
        data: content,
        column_config: columnConfig,
        file_format: withDefault(z.enum(['csv']), 'csv'),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(given, context) {
        const table = await viewer.filter(context, given.data, given.column_config)
        return { filtered_data: table.text, ...facts(table) }
      },
      docs: {
        summary: 'Leaves of a CSV text what a configuration of columns shows',
        example: { params: { data: 'name,age,salary\nAda,36,100\n', column_config: CONFIG } },
      },
    }),
    defineMethod({
      name: 'read_with_dynamic_viewer',
      params,
      cacheControl: CACHE.revalidate,
      async handle(given, context) {
        const view = await viewer.read(context, subjectOf(context, given.subject), given.file_path)
        return {
          content: view.content,
          is_filtered: view.table !== null,
          config: view.config,
          ...facts(view.table ?? { aggregations: {}, shown: [], aggregated: [] }),
        }
      },
      docs: { summary: 'Reads a table as somebody sees it', example: EXAMPLE },
    }),
  ]
}

function subjectOf({ caller }: CallContext, [type, id]: readonly [string, string]) {
  const named = objectName(type, id, caller.tenant)
  return { tenant: '', type: named.type, id: named.id, relation: '' }
}

function facts({ aggregations, shown, aggregated }: Omit<FilteredTable, 'text'>) {
  return { aggregations, columns_shown: shown, aggregated_columns: aggregated }
}
