import type { ChildProcess } from 'node:child_process'

/** What a process tells its launcher: first that its settings are right, later that it serves. */
export type ProcessMessage = { readonly configured: true } | { readonly ready: true }

/** Tells the process that has started this one; nothing happens if that does not listen, or this one was started by hand. */
export function tellLauncher(message: ProcessMessage): void {
  process.send?.(message)
}

/** Resolves when the child says it; never if it ends before. */
export function said(child: ChildProcess, word: 'configured' | 'ready'): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && word in message) resolve()
    })
  })
}
