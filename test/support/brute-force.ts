/** The slow twin of the schedulers: all executions of a program, one by one, and which of them are the same but for order. */

import type { Access } from '../../harness/history/step.ts';
import type { Candidate, Decision, Scheduler } from '../../harness/schedule/scheduler.ts';
import { after, choiceIn, decided, type Execution, execute, finalOf, initial, type Program } from './programs.ts';

/** Undefined: there are more than that. */
export function everyExecution(program: Program, atMost: number): readonly Execution[] | undefined {
  const executions: Execution[] = [];
  const visit = (state: ReturnType<typeof initial>, decisions: readonly Decision[]): boolean => {
    const { choice, over } = choiceIn(program, state);
    if (over) executions.push({ trace: { decisions, stuck: choice.blocked }, final: finalOf(state), redundant: false });
    return (
      executions.length <= atMost &&
      choice.enabled.every((chosen) =>
        visit(after(program, state, chosen), [...decisions, decided(choice, chosen, state.last)]),
      )
    );
  };
  return visit(initial(program), []) ? executions : undefined;
}

/** All executions that a scheduler tries until it has had enough. */
export function executionsOf(program: Program, scheduler: Scheduler, atMost = Number.POSITIVE_INFINITY): Execution[] {
  const executions: Execution[] = [];
  const search = scheduler.explore();
  let next = search.next();
  while (!next.done && executions.length < atMost) {
    const execution = execute(program, next.value);
    executions.push(execution);
    next = search.next(execution.trace);
  }
  return executions;
}

/** Written anew, so that it does not share a mistake with what it is to check. */
function commute(a: Candidate, b: Candidate): boolean {
  if (a.session === b.session || a.outwait || b.outwait) return false;
  const apart = (x: Access, y: Access): boolean => x.object !== y.object || (x.mode !== 'write' && x.mode === y.mode);
  return a.step.accesses!.every((x) => b.step.accesses!.every((y) => apart(x, y)));
}

/**
 * Foata's normal form: each step in the first layer after all that it depends on. Two executions have the same one just if
 * they differ only in the order of steps that commute (Cartier and Foata, 1969).
 */
export function normalForm({ trace: { decisions } }: Execution): string {
  const steps: { readonly chosen: Candidate; readonly name: string; readonly layer: number }[] = [];
  for (const { chosen } of decisions) {
    const count = steps.filter((step) => step.chosen.session === chosen.session).length;
    const layer = Math.max(-1, ...steps.filter((step) => !commute(step.chosen, chosen)).map((step) => step.layer)) + 1;
    const touched = (chosen.step.accesses ?? []).map(({ object, mode }) => `${mode} ${object}`);
    steps.push({ chosen, layer, name: `${chosen.session}.${count} ${chosen.outwait ?? ''} ${touched}` });
  }
  return steps
    .map(({ layer, name }) => `${layer}: ${name}`)
    .sort()
    .join('\n');
}

export const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();
