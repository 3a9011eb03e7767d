import type { Operation, Role } from '../history/execution.ts';

/** What the supervisor asks a session process to do. */
export type Task = HelloTask | PerformTask | GateTask;

/** Go behind the gate, and stay there: what comes next comes as orders. Answered only where that can't be done. */
export interface GateTask {
  readonly type: 'gate';
}

/** Load the catalogue and say who you are. */
export interface HelloTask {
  readonly type: 'hello';
  /** URL of the module that exports `catalogue`. */
  readonly catalogue: string;
  /** Removed by the session, should it outlive the supervisor. */
  readonly sandbox: string;
}

export interface Hello {
  readonly uuid: string;
  readonly pid: number;
}

export interface PerformTask {
  readonly type: 'perform';
  readonly target: string;
  readonly strategy: string;
  readonly index: number;
  readonly writers: number;
  readonly role: Role;
  readonly kind: Operation['kind'] | 'prepare';
  /** The session's view of the resource. */
  readonly dir: string;
  /** See `Session`: left out where the strategy has no server. */
  readonly server?: string;
  readonly space?: string;
  /** How many operations; readers go on until `stopFile` exists. */
  readonly operations: number;
  readonly stopFile: string;
  /** The common start instant, on the clock of `nowUs`. */
  readonly startUs: number;
  /** Operation k begins no earlier than k beats after the start, so that sessions meet again for each of them. */
  readonly beatUs: number;
  /** Each operation is delayed by up to this much, from `seed`. */
  readonly jitterUs: number;
  readonly seed: string;
}

export interface Performed {
  readonly operations: readonly Operation[];
  /** When the session was ready to start, after the start instant: negative where it was in time. */
  readonly readyUs: number;
  /** When its first operation began, after the start instant, jitter not counted. */
  readonly startedUs: number;
  /** Reads that a reader made, kept in `operations` or not. */
  readonly reads: number;
  /** Peak resident memory of the session process so far. */
  readonly peakKiB: number;
}
