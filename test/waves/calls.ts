/** A call of the crash report's script. */
export interface WaveCall {
  readonly id: number
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** What an answer must carry. */
  readonly expects: 'result' | 'provider-error'
}

/** Calls that a page fires together. */
export interface Wave {
  readonly number: number
  readonly title: string
  readonly calls: readonly WaveCall[]
}

const HOME = '/tenant:default/user:admin'

/** The seven waves of the crash report, with the ids of its script: 30 calls. */
export const WAVES: readonly Wave[] = [
  {
    number: 1,
    title: 'mounts and trees',
    calls: [call(1, 'list_mounts'), list(2, '/'), list(3, '/tenant:default/'), list(4, `${HOME}/`)],
  },
  {
    number: 2,
    title: 'agents and workspaces',
    calls: [
      call(5, 'list_agents'),
      call(6, 'rebac_list_tuples', { subject_type: 'agent', subject_id: 'admin' }),
      call(7, 'list_workspaces'),
    ],
  },
  { number: 3, title: 'five skill lists', calls: range(10, 14).map((id) => call(id, 'skills_list')) },
  {
    number: 4,
    title: 'three folders',
    calls: [list(20, `${HOME}/skill/`), list(21, `${HOME}/agent/`), list(22, `${HOME}/workspace/`)],
  },
  { number: 5, title: 'three skill lists', calls: range(30, 32).map((id) => call(id, 'skills_list')) },
  {
    number: 6,
    title: 'two sandboxes',
    calls: [
      { ...call(40, 'sandbox_get_or_create', { name: 'admin,ImpersonatedUser' }), expects: 'provider-error' },
      { ...call(41, 'sandbox_get_or_create', { name: 'admin,UntrustedAgent' }), expects: 'provider-error' },
    ],
  },
  { number: 7, title: 'ten skill lists', calls: range(50, 59).map((id) => call(id, 'skills_list')) },
]

export const CALLS_PER_ROUND = WAVES.reduce((total, wave) => total + wave.calls.length, 0)

function call(id: number, method: string, params: Readonly<Record<string, unknown>> = {}): WaveCall {
  return { id, method, params, expects: 'result' }
}

function list(id: number, path: string): WaveCall {
  return call(id, 'list', { path })
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
