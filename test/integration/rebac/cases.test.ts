import { beforeAll, describe, expect, it } from 'vitest'
import { defaultSchemaSource } from '../../../services/rebac/schema/default-schema.ts'
import { type Case, readCaseFiles } from '../../support/naive/case-file.ts'
import { schemaOf, worldOf } from '../../support/naive/engine-target.ts'
import { canBeContextual } from '../../support/naive/random-model.ts'
import { runCase } from '../../support/naive/run-case.ts'
import { CaseTargetOverGrpc } from './support/case-target.ts'
import { failureOf } from './support/client.ts'
import { hostSchema } from './support/host-schema.ts'
import { servicesForSuite, type TestService } from './support/service.ts'

const FORMATS = { dsl: 1, json: 2, namespaces: 3 } as const

const { start } = servicesForSuite()
let service: TestService
beforeAll(async () => {
  service = await start()
})

for (const [fileIndex, { file, cases }] of readCaseFiles().entries()) {
  describe(`${file}, over gRPC`, () => {
    it.each(cases.map((one, index) => ({ ...one, tenant: `case-${fileIndex}-${index}` })))('$name', (one) =>
      expectCase(one, one.tenant),
    )
  })
}

async function expectCase(one: Case, tenant: string): Promise<void> {
  if (one.problems !== undefined) return expectProblems(one, one.problems, tenant)
  const target = new CaseTargetOverGrpc(service.client, tenant, one)
  const { stored } = worldOf(one)
  const schema = schemaOf(one)
  const misfits = stored.filter((relationship) => !canBeContextual(schema, relationship))
  if (misfits.length > 0) {
    await service.client.writeSchema({ tenant, format: FORMATS.json, model: hostSchema(misfits), force: true })
    await target.touch(misfits)
  }
  if (one.schema !== 'default' || misfits.length > 0) await writeSchema(one, tenant)
  await target.touch(stored.filter((relationship) => !misfits.includes(relationship)))
  await runCase(one, target)
}

async function writeSchema(one: Case, tenant: string): Promise<void> {
  const given = { format: one.format ?? ('dsl' as const), model: one.schema, hierarchies: one.hierarchies ?? [] }
  const { format, model, hierarchies } = one.schema === 'default' ? defaultSchemaSource() : given
  await service.client.writeSchema({
    tenant,
    format: FORMATS[format],
    model,
    hierarchies: [...hierarchies],
    force: true,
  })
}

async function expectProblems(one: Case, problems: readonly string[], tenant: string): Promise<void> {
  const { reason, message } = await failureOf(writeSchema(one, tenant))
  expect(reason).toBe('INVALID_SCHEMA')
  for (const problem of problems) expect(message).toContain(problem)
}
