import type { Row, Script, Statement } from './script.ts'

/** Drives a script with a function that answers at once. */
export function runScript<T>(script: Script<T>, execute: (statement: Statement) => readonly Row[]): T {
  let step = script.next()
  while (step.done !== true) {
    let rows: readonly Row[]
    try {
      rows = execute(step.value)
    } catch (error) {
      step = script.throw(error)
      continue
    }
    step = script.next(rows)
  }
  return step.value
}

/** Drives a script with a function that answers later. */
export async function runScriptAsync<T>(
  script: Script<T>,
  execute: (statement: Statement) => Promise<readonly Row[]>,
): Promise<T> {
  let step = script.next()
  while (step.done !== true) {
    let rows: readonly Row[]
    try {
      rows = await execute(step.value)
    } catch (error) {
      step = script.throw(error)
      continue
    }
    step = script.next(rows)
  }
  return step.value
}
