/** An agent that a new user may begin with. */
export interface StarterAgent {
  readonly name: string
  readonly description: string
  readonly inherits: boolean
}

export const starterAgents: readonly StarterAgent[] = [
  {
    name: 'ImpersonatedUser',
    description: "Acts with all of its owner's rights; has no key of its own.",
    inherits: true,
  },
  {
    name: 'UntrustedAgent',
    description: 'Has a key of its own, and only the rights that it was given.',
    inherits: false,
  },
]
