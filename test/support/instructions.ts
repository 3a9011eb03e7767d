/** What the sessions of an abstract program do: one instruction is one step. */

import type { Access, Call, Step } from '../../harness/history/step.ts';

/** `skip`: that many of the following instructions are left out where it did not go well. Objects are named by letters. */
export type Instruction =
  /** With `is`: goes well if that was read. */
  | { readonly do: 'read'; readonly object: string; readonly is?: number; readonly skip?: number }
  | { readonly do: 'write'; readonly object: string; readonly value: number }
  /** Adds an entry to a directory: commutes with another. */
  | { readonly do: 'add'; readonly object: string; readonly value: number }
  /** The object behind a name: what is touched depends on `replace`. */
  | { readonly do: 'follow'; readonly object: string; readonly value?: number }
  | { readonly do: 'replace'; readonly object: string }
  /** All at once. Shared: with others who share it. */
  | { readonly do: 'lock'; readonly locks: readonly string[]; readonly shared?: boolean }
  | { readonly do: 'trylock'; readonly lock: string; readonly skip?: number }
  /** Tries until it gets the lock. With `rounds`: gives up after so many. */
  | { readonly do: 'spin'; readonly lock: string; readonly rounds?: number; readonly skip?: number }
  /** Whether it holds it or not. */
  | { readonly do: 'unlock'; readonly lock: string }
  /** Looks until one of the objects has the value. */
  | {
      readonly do: 'await';
      readonly objects: readonly string[];
      readonly value: number;
      readonly rounds?: number;
      readonly skip?: number;
    }
  /** Frees all that it holds. */
  | { readonly do: 'exit' };

export type Program = readonly (readonly Instruction[])[];

export interface Session {
  readonly at: number;
  /** Rounds of the present loop without success. */
  readonly rounds: number;
  /** It is looping, and nothing that it looks at has changed since. */
  readonly idle: boolean;
  /** All that it has seen. */
  readonly seen: string;
}

export interface Held {
  readonly by: readonly number[];
  readonly shared: boolean;
}

export interface State {
  readonly sessions: readonly Session[];
  readonly objects: Readonly<Record<string, string>>;
  readonly locks: Readonly<Record<string, Held>>;
  readonly last?: number;
}

export const takenBySomebody = (state: State, instruction: Instruction): boolean =>
  instruction.do === 'lock' &&
  instruction.locks.some((lock) => lock in state.locks && !(instruction.shared && state.locks[lock]!.shared));

export const numberOf = (state: State, object: string): number => Number(state.objects[object] ?? 0);

export function accessesOf(state: State, session: number, instruction: Instruction): readonly Access[] {
  switch (instruction.do) {
    case 'read':
      return [{ object: instruction.object, mode: 'read' }];
    case 'write':
      return [{ object: instruction.object, mode: 'write' }];
    case 'add':
      return [{ object: instruction.object, mode: 'add' }];
    case 'follow':
      return [
        { object: instruction.object, mode: 'read' },
        {
          object: `${instruction.object}${numberOf(state, instruction.object)}`,
          mode: instruction.value === undefined ? 'read' : 'write',
        },
      ];
    case 'replace':
      return [{ object: instruction.object, mode: 'write' }];
    case 'lock':
      return [
        { object: 'list of locks', mode: 'read' },
        ...instruction.locks.map((lock) => ({ object: `lock ${lock}`, mode: 'write' }) as const),
      ];
    case 'trylock':
    case 'spin':
      // Finding it taken changes nothing.
      return [{ object: `lock ${instruction.lock}`, mode: instruction.lock in state.locks ? 'read' : 'write' }];
    case 'unlock':
      return [{ object: `lock ${instruction.lock}`, mode: 'write' }];
    case 'await':
      return instruction.objects.map((object) => ({ object, mode: 'read' }));
    case 'exit':
      return Object.keys(state.locks)
        .filter((lock) => state.locks[lock]!.by.includes(session))
        .map((lock) => ({ object: `lock ${lock}`, mode: 'write' }));
  }
}

const calls = {
  read: 'read',
  write: 'write',
  add: 'link',
  follow: 'open',
  replace: 'rename',
  lock: 'lock',
  trylock: 'trylock',
  spin: 'trylock',
  unlock: 'unlock',
  await: 'stat',
  exit: 'exit',
} satisfies Record<Instruction['do'], Call>;

export function stepOf(state: State, session: number, instruction: Instruction): Step {
  const tries = instruction.do === 'trylock' || instruction.do === 'spin';
  return {
    session,
    operation: 0,
    // Not all that blocks is called lock, and not every lock says that it is exclusive.
    call: instruction.do === 'lock' && instruction.locks.length > 1 ? 'open' : calls[instruction.do],
    path: pathOf(instruction),
    ...(instruction.do === 'lock' && instruction.locks.length === 1 && { flags: [instruction.shared ? 'SH' : 'EX'] }),
    ...(tries && { flags: ['EX'] }),
    ...(tries && instruction.lock in state.locks && { error: 'EWOULDBLOCK' }),
    accesses: accessesOf(state, session, instruction),
  };
}

function pathOf(instruction: Instruction): string {
  if ('object' in instruction) return instruction.object;
  if ('objects' in instruction) return instruction.objects.join('');
  if ('locks' in instruction) return instruction.locks.join('');
  return 'lock' in instruction ? instruction.lock : '';
}
