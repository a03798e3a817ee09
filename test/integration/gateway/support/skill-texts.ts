/** The directory of a user's skills. */
export const HOME = '/tenant:acme/user:alice/skill'

/** A SKILL.md; `more` are further lines of its front matter. */
export const skillMd = (name: string, description = `What ${name} does`, more = ''): string =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n# ${name}\n`

/** Of an entry of skills_list, what tests look at. */
export interface Skill {
  readonly name: string
  readonly file_path: string
}
