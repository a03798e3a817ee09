import type { Batch, Row, Script, Statement } from './script.ts'

type Rows = readonly Row[] | readonly (readonly Row[])[]

/** Drives a script with a function that answers at once. */
export function runScript<T>(script: Script<T>, execute: (statement: Statement) => readonly Row[]): T {
  let step = script.next()
  while (step.done !== true) {
    let rows: Rows
    try {
      rows = 'batch' in step.value ? step.value.batch.map(execute) : execute(step.value)
    } catch (error) {
      step = script.throw(error)
      continue
    }
    step = script.next(rows)
  }
  return step.value
}

/**
 * Drives a script with a function that answers later.
 * @param executeBatch @default one statement after the other
 */
export async function runScriptAsync<T>(
  script: Script<T>,
  execute: (statement: Statement) => Promise<readonly Row[]>,
  executeBatch: (batch: Batch) => Promise<readonly (readonly Row[])[]> = inTurn(execute),
): Promise<T> {
  let step = script.next()
  while (step.done !== true) {
    let rows: Rows
    try {
      rows = await ('batch' in step.value ? executeBatch(step.value) : execute(step.value))
    } catch (error) {
      step = script.throw(error)
      continue
    }
    step = script.next(rows)
  }
  return step.value
}

function inTurn(execute: (statement: Statement) => Promise<readonly Row[]>) {
  return async ({ batch }: Batch): Promise<readonly (readonly Row[])[]> => {
    const rows: (readonly Row[])[] = []
    for (const statement of batch) rows.push(await execute(statement))
    return rows
  }
}
