import { type Fault, type FaultPlan, type Injection, isStep, noFaults } from '../faults/plan.ts';
import { takesSpace } from '../faults/points.ts';
import type { Step } from '../history/step.ts';
import { counting } from '../schedule/schedule.ts';

/** What a plan has for the steps of one execution. */
export class Injections {
  readonly #plan: FaultPlan;
  readonly #count = counting();
  readonly #spent = new Set<Injection>();
  /** The error that steps which take space end with, for the time being. */
  #lasting: string | undefined;

  constructor(plan: FaultPlan = noFaults) {
    this.#plan = plan;
  }

  /** What a session is about to do is told before anything has gone wrong with it. */
  at(step: Step): Fault | undefined {
    if (this.#plan.injections.length === 0) return undefined;
    const planned = this.#find(step);
    if (planned !== undefined) return planned.fault;
    return this.#lasting !== undefined && takesSpace(step) ? { kind: 'errno', errno: this.#lasting } : undefined;
  }

  #find(step: Step): Injection | undefined {
    const mine = this.#plan.injections.filter((each) => each.session === step.session && !this.#spent.has(each));
    if (mine.length === 0) return undefined;
    const name = this.#count.nameOf(step);
    return mine.find((each) => isStep(each.step, name));
  }

  /** What was planned for the step has come about. */
  spend(step: Step): void {
    const injection = this.#find(step);
    if (injection === undefined) return;
    this.#spent.add(injection);
    const { fault } = injection;
    if (fault.kind === 'errno' && fault.lasting) this.#lasting = fault.errno;
  }

  /** The step is being made. Returns whether from now on others are concerned, too. */
  made(step: Step): boolean {
    if (this.#plan.injections.length === 0) return false;
    const lasted = this.#lasting;
    this.spend(step);
    this.#count.add(step);
    return lasted !== this.#lasting;
  }

  /** What has not come about: its step was never made. */
  get unspent(): readonly Injection[] {
    return this.#plan.injections.filter((each) => !this.#spent.has(each));
  }

  /** What lasts is over. */
  clearUp(): void {
    this.#lasting = undefined;
  }
}
