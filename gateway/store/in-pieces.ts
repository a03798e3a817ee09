/** How many rows go in one transaction: others write between two of them. */
const PIECE = 500

/**
 * Deletes piece by piece until there is nothing left to delete. Answers how many rows.
 *
 * @param deletePiece one transaction: deletes at most so many rows, and answers how many
 */
export async function inPieces(deletePiece: (limit: number) => Promise<number>): Promise<number> {
  for (let deleted = 0; ; ) {
    const piece = await deletePiece(PIECE)
    deleted += piece
    if (piece < PIECE) return deleted
  }
}
