import { run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'

/** The transactions of a tenant's settings about permissions. */
export const relationshipCommands = {
  *setRebacOption(request: {
    readonly tenant: string
    readonly name: string
    readonly value: number
    readonly audit: AuditRow
  }): Script<void> {
    yield* run(
      `insert into rebac_options (tenant, name, value) values ($1, $2, $3)
       on conflict (tenant, name) do update set value = excluded.value`,
      request.tenant,
      request.name,
      request.value,
    )
    yield* insertAudit(request.audit)
  },
}
