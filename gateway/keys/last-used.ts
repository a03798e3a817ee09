import { BatchedNotes, type BatchedNotesOptions } from '../batched-notes.ts'

/** Remembers when keys were used. */
export class LastUsed extends BatchedNotes<readonly [keyId: string, at: number]> {
  constructor(options: BatchedNotesOptions<readonly [keyId: string, at: number]>) {
    super('times of use were not saved', options)
  }

  note(keyId: string, now: number): void {
    this.put(keyId, () => [keyId, now])
  }
}
