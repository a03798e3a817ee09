import { readFileSync } from 'node:fs'
import { describeError, NexusError } from '../errors/nexus-error.ts'

/** The environment of a process, or what a test gives in its place. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads settings and collects what is wrong with them, so that a start names every problem at once. An empty value is
 * an unset one.
 */
export class SettingsReader {
  readonly problems: string[] = []
  readonly #environment: Environment

  constructor(environment: Environment) {
    this.#environment = environment
  }

  text(name: string): string | undefined {
    const value = this.#environment[name]?.trim()
    return value === '' ? undefined : value
  }

  /** NAME, or the contents of the file that NAME_FILE names. */
  secret(name: string): string | undefined {
    const file = this.text(`${name}_FILE`)
    const value = this.text(name)
    if (file === undefined) return value
    if (value !== undefined) {
      this.problems.push(`${name} and ${name}_FILE are both set: keep one.`)
      return undefined
    }
    try {
      const contents = readFileSync(file, 'utf8').trim()
      if (contents === '') this.problems.push(`${name}_FILE names an empty file: ${file}.`)
      return contents === '' ? undefined : contents
    } catch (error) {
      this.problems.push(`${name}_FILE cannot be read: ${describeError(error)}.`)
      return undefined
    }
  }

  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= range.min && value <= range.max) return value
    this.problems.push(`${name} is "${text}" but must be a whole number from ${range.min} to ${range.max}.`)
    return fallback
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined) return fallback
    if (['1', 'true', 'yes', 'on'].includes(text)) return true
    if (['0', 'false', 'no', 'off'].includes(text)) return false
    this.problems.push(`${name} is "${text}" but must be 1 or 0.`)
    return fallback
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name)
    if (text === undefined) return fallback
    const choice = choices.find((candidate) => candidate === text)
    if (choice !== undefined) return choice
    this.problems.push(`${name} is "${text}" but must be one of: ${choices.join(', ')}.`)
    return fallback
  }

  /** host:port */
  address(name: string, fallback: string): Address {
    const text = this.text(name) ?? fallback
    const match = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/i.exec(text)
    const port = Number(match?.[2])
    if (match?.[1] !== undefined && port <= 65_535) return { host: match[1], port, text }
    this.problems.push(`${name} is "${text}" but must be HOST:PORT.`)
    return { host: '127.0.0.1', port: 0, text }
  }

  /** @throws NexusError CONFIG_INVALID with every problem */
  finish(): void {
    if (this.problems.length === 0) return
    throw new NexusError(
      'CONFIG_INVALID',
      `Settings are wrong:\n${this.problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
  }
}

export interface Address {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly text: string
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || host.startsWith('127.')
}
