import { ADMIN_HOME, demoAgents } from '../demo/accounts.ts'
import { readDemoSkills } from '../demo/skill-files.ts'
import type { NewFile } from '../files/contract.ts'
import type { Starter } from './people.ts'

/** A new user may begin with the agents and the skills that the demo's administrator has. */
export const starter: Starter = { agents: demoAgents, skills: starterSkills }

async function starterSkills(): ReturnType<Starter['skills']> {
  const { names, files } = await readDemoSkills()
  return names.map((name) => {
    const directory = `${ADMIN_HOME}/skill/${name}/`
    const own = files.filter(({ path }) => path.startsWith(directory))
    return { name, files: own.map((file): NewFile => ({ ...file, path: file.path.slice(directory.length) })) }
  })
}
