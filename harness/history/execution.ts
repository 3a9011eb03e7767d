/**
 * What happened in one execution: N sessions, one fresh copy of a resource, once. Plain JSON, so that it can be stored,
 * judged again later, and shown.
 */

import type { Step } from './step.ts';

/**
 * `shared`: all sessions use one copy of the resource. `per-session`: each has a copy of its own (the isolation fix). `alone`:
 * one session writes, and whoever else is there only reads.
 */
export type Mode = 'shared' | 'per-session' | 'alone';

/** `reader` sessions look at the resource all the while, without a lock, as real readers do. */
export type Role = 'writer' | 'reader';

export interface SessionIdentity {
  /** Place among the sessions of an execution, from 0; readers come after the writers. */
  readonly index: number;
  /** Chosen by the session process when it starts; a replaced session has a new one. */
  readonly uuid: string;
  readonly pid: number;
  readonly role: Role;
  /** It began when all others had ended or could not go on: to see whether one can, after what went wrong. */
  readonly recovers?: true;
}

/**
 * How an operation ended. `ok`: the session was told that it worked (it is *acknowledged*). `refused`: it was told, loudly,
 * that it did not happen. `unknown`: anything else, because calling a write that may have happened "refused" hides bugs.
 */
export type Outcome = 'ok' | 'refused' | 'unknown';

/** One operation of one session, from its invocation to its response. */
export interface Operation {
  /** Unique in its execution, and carried by what the operation writes: `s1.3` is operation 3 of session 1. */
  readonly id: string;
  readonly session: number;
  /** `finally` operations run one after another, once all others are done. */
  readonly kind: 'write' | 'read' | 'finally';
  /** Microseconds after the common start instant. */
  readonly invokedUs: number;
  readonly respondedUs: number;
  readonly outcome: Outcome;
  /** What the session says it did: any JSON value, its shape known to the scenario. */
  readonly output: unknown;
  readonly error?: OperationError;
  /** Of a command that did not end with 0. 128 + n where signal n ended it, as shells have it. */
  readonly exitCode?: number;
  /** What a command printed on standard error, if anything. */
  readonly stderr?: string;
}

/** The name of the error of an operation whose session was killed: nobody was told anything. */
export const KILLED = 'Killed';

export interface OperationError {
  readonly name: string;
  readonly message: string;
  /** The errno name, where there is one: `ENOSPC`. */
  readonly code?: string;
}

export interface Execution {
  readonly target: string;
  readonly strategy: string;
  readonly mode: Mode;
  readonly seed: number;
  readonly round: number;
  readonly sessions: readonly SessionIdentity[];
  /** In order of invocation. */
  readonly operations: readonly Operation[];
  /** Every file that was left, by its path relative to the sandbox, with its content as UTF-8. */
  readonly final: Files;
  /** What went wrong because it was made to: a fault plan, as text. */
  readonly faults?: string;
  /** In an execution that was explored and recorded: every step, in order. Its instants then count steps. */
  readonly steps?: readonly Step[];
}

export type Files = Readonly<Record<string, string>>;

/** The directory of a session's own copy, in mode `per-session`. Reader i looks at the copy of writer i. */
export const copyOf = (session: number, writers: number): string => `session-${session % writers}`;

export const writersOf = (execution: Execution): number =>
  execution.sessions.filter((session) => session.role === 'writer').length;

/** The operations that write, in order of invocation. */
export const writesOf = (execution: Execution): readonly Operation[] =>
  execution.operations.filter((operation) => operation.kind === 'write');

/** The writes whose session was told that they worked: what must not get lost. */
export const acknowledgedOf = (execution: Execution): readonly Operation[] =>
  writesOf(execution).filter((operation) => operation.outcome === 'ok');

/** A `per-session` execution as what it is: one execution for each session, over its own copy. */
export function splitBySession(execution: Execution): readonly Execution[] {
  const writers = writersOf(execution);
  return Array.from({ length: writers }, (_, index) => {
    const copy = copyOf(index, writers);
    const mine = (session: number): boolean => copyOf(session, writers) === copy;
    return {
      ...execution,
      sessions: execution.sessions.filter((session) => mine(session.index)),
      operations: execution.operations.filter((operation) => mine(operation.session)),
      final: Object.fromEntries(
        Object.entries(execution.final).flatMap(([path, content]) =>
          path.startsWith(`${copy}/`) ? [[path.slice(copy.length + 1), content]] : [],
        ),
      ),
    };
  });
}
