/** Bodies that a new skill can begin with, by name. Each has a heading with the skill's name above it. */
export const TEMPLATES = {
  basic: `## When to use

Say in which situations an agent should use this skill, and in which it should not.

## Instructions

1. What to look at first.
2. What to do, step by step.
3. How to tell that it worked.

## Examples

- An input, and what should come of it.
`,
  'data-analysis': `## When to use

For questions that are answered by data: tables, logs, measurements.

## Instructions

1. Look at the data before computing: columns, units, missing values, the number of rows.
2. Write down the question as something that can be measured.
3. Compute, in scripts that can be run again. Keep them in \`scripts/\`.
4. Check the result against a count or a sample that is known.
5. Report the figures with units, the number of rows behind them, and what was left out.

## Output

A summary of at most five sentences, a table, and the scripts.
`,
  'code-generation': `## When to use

When code has to be written or changed in the way of this project.

## Instructions

1. Read the code next to the place of the change, and imitate it.
2. State inputs, outputs and errors before writing.
3. Write the smallest change that does all of it, with a test that would fail without it.
4. Run formatter, linter and tests.

## Conventions

List here the names, layers and libraries that are used, and those that are not.
`,
  'document-processing': `## When to use

When documents have to be read, changed or made: reports, forms, letters.

## Instructions

1. Find out the format, and whether the text can be extracted or has to be recognised.
2. Keep the original; work on a copy.
3. Extract the structure (headings, tables, fields) before the text.
4. Make the result, and compare it with the original page by page.

## Output

Name the format, the place and the naming of what comes out. Templates lie in \`assets/\`.
`,
  'api-integration': `## When to use

When a service has to be called by its API.

## Instructions

1. Take the address and the credentials from the environment; never write them into files.
2. Read the description of the call in \`references/\`: parameters, limits, errors.
3. Call with a deadline. Repeat only what may be done twice, and wait longer each time.
4. Check the status and the form of the answer before using it.

## Endpoints

| call | what it does | errors |
|---|---|---|
`,
} as const

export type Template = keyof typeof TEMPLATES
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly Template[]
