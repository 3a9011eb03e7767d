/**
 * Small programs of a few sessions, to try schedulers on: what a session does next may depend on what it has read, and it may
 * block. One instruction is one step.
 */

import type { Access } from '../../harness/history/step.ts';
import type { Candidate, Choice, Choose, Decision, Trace } from '../../harness/schedule/scheduler.ts';
import {
  accessesOf,
  type Held,
  numberOf,
  type Program,
  type Session,
  type State,
  stepOf,
  takenBySomebody,
} from './instructions.ts';

export type { Instruction, Program } from './instructions.ts';

/** What a program came to, and how. */
export interface Execution {
  readonly trace: Trace;
  /** The objects, what each session saw, and where those are that are stuck. */
  readonly final: string;
  /** The chooser gave it up. */
  readonly redundant: boolean;
}

export const initial = (program: Program): State => ({
  sessions: program.map(() => ({ at: 0, rounds: 0, idle: false, seen: '' })),
  objects: {},
  locks: {},
});

/** What can be done next. Undefined: all have ended or are stuck. Outwaiting stands where its session would. */
export function choiceIn(program: Program, state: State): { readonly choice: Choice; readonly over: boolean } {
  const enabled: Candidate[] = [];
  const blocked: Candidate[] = [];
  const order = program
    .map((_, session) => session)
    .sort((a, b) => Number(b === state.last) - Number(a === state.last));
  for (const session of order) {
    const { at, idle } = state.sessions[session]!;
    const instruction = program[session]![at];
    if (!instruction) continue;
    const step = stepOf(state, session, instruction);
    const isBlocked = idle || takenBySomebody(state, instruction);
    (isBlocked ? blocked : enabled).push({ session, step });
    if (idle && 'rounds' in instruction) enabled.push({ session, step, outwait: true });
  }
  return { choice: { enabled, blocked }, over: enabled.length === 0 };
}

function overlap(a: readonly Access[], b: readonly Access[]): boolean {
  return a.some((x) => b.some((y) => x.object === y.object && (x.mode !== y.mode || x.mode === 'write')));
}

export function after(program: Program, state: State, { session, step, outwait }: Candidate): State {
  const self = state.sessions[session]!;
  const instruction = program[session]![self.at]!;
  const objects: Record<string, string> = { ...state.objects };
  const locks: Record<string, Held> = { ...state.locks };
  const take = (lock: string, shared = false): void => {
    locks[lock] = { by: [...(locks[lock]?.by ?? []), session], shared };
  };
  const release = (lock: string): void => {
    const by = (locks[lock]?.by ?? []).filter((holder) => holder !== session);
    if (by.length === 0) delete locks[lock];
    else locks[lock] = { ...locks[lock]!, by };
  };
  const skip = 'skip' in instruction ? (instruction.skip ?? 0) : 0;
  const on = (seen: string, well = true): Session => ({
    at: self.at + 1 + (well ? 0 : skip),
    rounds: 0,
    idle: false,
    seen: `${self.seen}${seen};`,
  });
  const again = (well: boolean): Session => {
    if (well) return on('well');
    const rounds = 'rounds' in instruction ? (instruction.rounds ?? 0) : Number.POSITIVE_INFINITY;
    return outwait || self.rounds + 1 >= rounds
      ? on('gave up', false)
      : { ...self, rounds: self.rounds + 1, idle: true };
  };
  const make = (): Session => {
    switch (instruction.do) {
      case 'read': {
        const value = objects[instruction.object] ?? '0';
        return on(value, instruction.is === undefined || value === `${instruction.is}`);
      }
      case 'write':
        objects[instruction.object] = `${instruction.value}`;
        return on('');
      case 'add':
        objects[instruction.object] = [...(objects[instruction.object] ?? ''), `${instruction.value}`].sort().join('');
        return on('');
      case 'follow': {
        const object = `${instruction.object}${numberOf(state, instruction.object)}`;
        if (instruction.value !== undefined) objects[object] = `${instruction.value}`;
        return on(`${object}=${objects[object] ?? '0'}`);
      }
      case 'replace':
        objects[instruction.object] = `${numberOf(state, instruction.object) + 1}`;
        return on('');
      case 'lock':
        for (const lock of instruction.locks) take(lock, instruction.shared);
        return on('');
      case 'trylock': {
        const free = !(instruction.lock in locks);
        if (free) take(instruction.lock);
        return on(`${free}`, free);
      }
      case 'spin': {
        const free = !(instruction.lock in locks);
        if (free && !outwait) take(instruction.lock);
        return again(free && !outwait);
      }
      case 'unlock':
        release(instruction.lock);
        return on('');
      case 'await':
        return again(
          !outwait && instruction.objects.some((object) => (objects[object] ?? '0') === `${instruction.value}`),
        );
      case 'exit':
        for (const lock of Object.keys(locks)) release(lock);
        return on('');
    }
  };
  const made = make();
  const sessions = state.sessions.map((other, index) => {
    if (index === session) return made;
    const watched = program[index]![other.at];
    return other.idle && overlap(step.accesses!, accessesOf(state, index, watched!))
      ? { ...other, idle: false }
      : other;
  });
  return { sessions, objects, locks, last: session };
}

/** `preemption` as the runner sees it. */
export function decided(choice: Choice, chosen: Candidate, last: number | undefined): Decision {
  const preemption =
    chosen.session !== last && choice.enabled.some(({ session, outwait }) => session === last && !outwait);
  return { ...choice, chosen, preemption };
}

export const finalOf = (state: State): string =>
  JSON.stringify([
    Object.entries(state.objects).sort(),
    Object.entries(state.locks).sort(),
    state.sessions.map(({ at, seen }) => `${at}:${seen}`),
  ]);

export function execute(program: Program, choose: Choose): Execution {
  const decisions: Decision[] = [];
  let state = initial(program);
  for (;;) {
    const { choice, over } = choiceIn(program, state);
    if (over) return { trace: { decisions, stuck: choice.blocked }, final: finalOf(state), redundant: false };
    const chosen = choose(choice);
    if (!chosen) return { trace: { decisions, stuck: [] }, final: '', redundant: true };
    decisions.push(decided(choice, chosen, state.last));
    state = after(program, state, chosen);
  }
}
