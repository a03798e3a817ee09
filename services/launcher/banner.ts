import type { LauncherSettings } from './settings.ts'

/** What a person needs to know once both processes answer. */
export function banner(settings: LauncherSettings, seconds: number): string {
  const rows = [
    ['URL', settings.url],
    ['Admin key', settings.adminKey ?? 'the one that you set (NEXUS_ADMIN_KEY)'],
    ['Data', dataPlace(settings)],
  ].map(([label = '', value = '']) => `    ${label.padEnd(11)}${value}`)
  const example =
    settings.adminKey === null
      ? []
      : [
          '',
          '  Try it:',
          `    curl -s ${settings.url}/api/nfs/skills_list -H 'Authorization: Bearer ${settings.adminKey}' -d '{}'`,
        ]
  return [
    '',
    `  Nexus is ready (${seconds.toFixed(1)} s)`,
    '',
    ...rows,
    ...example,
    '',
    '  Stop it with Ctrl-C.',
    '',
    '',
  ].join('\n')
}

function dataPlace(settings: LauncherSettings): string {
  const engines = ['REBAC_DATABASE_URL', 'NEXUS_DATABASE_URL'].map((name) =>
    (settings.environment[name] ?? '').startsWith('postgres') ? 'PostgreSQL' : 'SQLite',
  )
  return `${settings.dataDir} (permissions on ${engines[0]}, metadata on ${engines[1]})`
}
