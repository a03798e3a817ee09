import type { Part } from '../../part.ts'
import { type Contender, Race } from '../../race.ts'
import { BenchService } from '../service.ts'
import type { Sizes } from '../sizes.ts'

const WRITERS = 64

/** Durable writes of one relationship each on SQLite, into databases of three sizes, against empty calls. */
export const singleWrites: Part<Sizes> = async (sizes, say) => {
  await using empty = await BenchService.start()
  await using small = await BenchService.start()
  await using large = await BenchService.start()
  await small.fill(sizes.small)
  say(`single writes: storing ${sizes.large} relationships`)
  await large.fill(sizes.large)
  say('single writes: 64 writers against empty calls')
  const race = await Race.run(
    {
      'empty calls': { inFlight: WRITERS, call: () => empty.empty() },
      'into an empty database': writing(empty),
      'into a small one': writing(small),
      'into a large one': writing(large),
    },
    sizes,
  )
  return {
    figures: {
      write_single_vs_empty: race.ratio('into an empty database', 'empty calls'),
      write_single_vs_empty_large: race.ratio('into a large one', 'empty calls'),
      write_growth: race.ratio('into a small one', 'into a large one'),
    },
    notes: [`durable single writes a second: ${race.summary}`],
  }
}

function writing(service: BenchService): Contender {
  return { inFlight: WRITERS, call: () => service.write(1) }
}
