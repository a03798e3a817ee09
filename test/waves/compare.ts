/**
 * The first place where two JSON values differ, in words, or null where they are equal. Order counts in lists and not
 * in objects.
 */
export function firstDifference(expected: unknown, actual: unknown, at = 'answer'): string | null {
  if (Object.is(expected, actual)) return null
  if (Array.isArray(expected) && Array.isArray(actual)) return listDifference(expected, actual, at)
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(expected[key], actual[key], `${at}.${key}`)
      if (difference !== null) return difference
    }
    return null
  }
  return `${at} is ${brief(actual)} instead of ${brief(expected)}`
}

function listDifference(expected: readonly unknown[], actual: readonly unknown[], at: string): string | null {
  if (actual.length !== expected.length) {
    const present = new Set(actual.map((entry) => JSON.stringify(entry)))
    const missing = expected.filter((entry) => !present.has(JSON.stringify(entry)))
    const example = missing.length === 0 ? '' : `, without ${brief(missing[0])}`
    return `${at} has ${actual.length} entries instead of ${expected.length}${example}`
  }
  for (const [index, entry] of expected.entries()) {
    const difference = firstDifference(entry, actual[index], `${at}[${index}]`)
    if (difference !== null) return difference
  }
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`
}
