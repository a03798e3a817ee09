import type { Subject } from '../model/relationship.ts'
import { subjectText } from '../schema/subject-text.ts'
import { askSubject } from './asked-subject.ts'
import type { MachineSetup } from './machine.ts'
import { Reach } from './reach.ts'
import type { ReachPlans } from './reach-plan.ts'

interface Known {
  readonly subject: Subject
  readonly reach: Reach
}

/** One evaluator, with its memo, for each subject that a request asks about. */
export class SubjectEvaluators {
  readonly #setup: MachineSetup
  readonly #plans: ReachPlans
  // Nearly every request is about one subject, which then needs no map.
  #last: Known | null = null
  #all: Map<string, Reach> | null = null

  constructor(setup: MachineSetup, plans: ReachPlans) {
    this.#setup = setup
    this.#plans = plans
  }

  of(subject: Subject): Reach {
    if (this.#last !== null && isSame(this.#last.subject, subject)) return this.#last.reach
    const reach = this.#last === null ? this.#make(subject) : this.#find(subject, this.#last)
    this.#last = { subject, reach }
    return reach
  }

  #find(subject: Subject, last: Known): Reach {
    this.#all ??= new Map([[subjectText(last.subject), last.reach]])
    const key = subjectText(subject)
    let reach = this.#all.get(key)
    if (reach === undefined) this.#all.set(key, (reach = this.#make(subject)))
    return reach
  }

  #make(subject: Subject): Reach {
    return new Reach(this.#setup, this.#plans, askSubject(this.#setup.nodes, subject))
  }
}

function isSame(a: Subject, b: Subject): boolean {
  return a.id === b.id && a.type === b.type && a.relation === b.relation && a.tenant === b.tenant
}
