import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { capture } from './command.ts'
import type { Tally } from './tally.ts'

/** What vitest's JSON reporter writes, as far as it is used here. */
interface VitestReport {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[] | null
    }[]
  }[]
}

/** Runs one project of vitest.config.ts in a process of its own; prints what failed. */
export async function runVitestProject(project: string): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-vitest-'))
  try {
    const file = join(folder, 'report.json')
    const args = ['run', '--project', project, '--passWithNoTests', '--reporter=json', `--outputFile=${file}`]
    const { code, output } = await capture('vitest', args)
    const report = await readReport(file)
    const tally = report === undefined ? { passed: 0, failed: 0, skipped: [] } : count(report)
    if (code === 0 && report?.success === true && tally.failed === 0) return tally
    for (const line of report === undefined ? [] : failures(report)) process.stdout.write(`${line}\n`)
    // A crash, or an error outside of any test, has no entry in the report.
    if (tally.failed > 0) return tally
    process.stdout.write(`${output.trim().split('\n').slice(-60).join('\n')}\n`)
    return { ...tally, failed: 1 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}

function count(report: VitestReport): Tally {
  const tests = report.testResults.flatMap((result) => result.assertionResults)
  const brokenFiles = report.testResults.filter((result) => isBroken(result)).length
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: tests.filter((test) => test.status === 'failed').length + brokenFiles,
    skipped: tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName),
  }
}

/** A file that failed before any of its tests could. */
function isBroken(result: VitestReport['testResults'][number]): boolean {
  return result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed')
}

function failures(report: VitestReport): string[] {
  return report.testResults.flatMap((result) => {
    const file = relative(process.cwd(), result.name)
    const broken = isBroken(result) ? [`\n  FAILED ${file}\n${indent(result.message)}`] : []
    const failed = result.assertionResults.filter((test) => test.status === 'failed')
    return [
      ...broken,
      ...failed.map(
        (test) => `\n  FAILED ${file}: ${test.fullName}\n${indent((test.failureMessages ?? []).join('\n'))}`,
      ),
    ]
  })
}

function indent(text: string): string {
  return text
    .split('\n')
    .slice(0, 30)
    .map((line) => `    ${line}`)
    .join('\n')
}
