import type { Figure, Part } from '../../part.ts'
import { Race } from '../../race.ts'
import type { SkillSizes } from '../sizes.ts'
import { SkillTenant } from '../skill-tenant.ts'

/**
 * `skills_list` in a tenant with very many skills, against a constant answer of the same size behind the same middleware,
 * and against a tenant that has only those that are listed.
 */
export const listing: Part<SkillSizes> = async (sizes, say) => {
  say(
    `listing: a tenant with ${sizes.skills} skills, of which a reader can read ${sizes.readable}, and one with these only`,
  )
  await using large = await SkillTenant.start(sizes.skills, sizes)
  await using small = await SkillTenant.start(sizes.readable, sizes)
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const [suffix, inFlight] of [
    ['', sizes.inFlight],
    ['_one_at_a_time', 1],
  ] as const) {
    say(`listing: ${inFlight} in flight`)
    const race = await Race.run(
      {
        static: { inFlight, call: large.constant },
        large: { inFlight, call: large.list },
        small: { inFlight, call: small.list },
      },
      sizes,
    )
    figures[`skills_vs_static${suffix}`] = race.ratio('large', 'static')
    figures[`unreadable_growth${suffix}`] = race.ratio('small', 'large')
    notes.push(`answers a second of ${large.size} bytes, ${inFlight} in flight: ${race.summary}`)
    const [list, constant] = [
      await costOf(large, large.list, inFlight, sizes),
      await costOf(large, large.constant, inFlight, sizes),
    ]
    figures[`cpu_micros${suffix}`] = { list, static: constant }
    notes.push(`one list costs ${inWords(list)}; a constant answer ${inWords(constant)}`)
  }
  return { figures, notes }
}

/** Microseconds of processor time that one request takes, by layer. */
async function costOf(
  { gateway }: SkillTenant,
  call: () => Promise<number>,
  inFlight: number,
  { profileMs }: SkillSizes,
): Promise<Readonly<Record<string, number>>> {
  let made = 0
  const account = await gateway.account(async () => {
    const until = performance.now() + profileMs
    const worker = async (): Promise<void> => {
      while (performance.now() < until) {
        const one = await call()
        made += one
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
  })
  return Object.fromEntries(Object.entries(account).map(([name, sum]) => [name, sum / made]))
}

function inWords({ whole = 0, ...parts }: Readonly<Record<string, number>>): string {
  const shares = Object.entries(parts).map(([part, value]) => `${part.replaceAll('_', ' ')} ${value.toFixed(0)}`)
  return `${whole.toFixed(0)} us of processor time (${shares.join(', ')})`
}
