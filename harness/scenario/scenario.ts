import type { Execution, Files } from '../history/execution.ts';
import type { Contends } from '../oracle/contention.ts';
import type { CollisionClass, Oracle } from '../oracle/finding.ts';
import type { Command } from './command.ts';
import type { FaultKind } from './faults.ts';
import type { Server } from './server.ts';
import type { Place, TouchedBy } from './topology.ts';

/**
 * One shared resource of real life, and every way that real writers touch it. A scenario reads like the row of an audit
 * table; its strategies are the code that such writers contain, without anything added for the test.
 */
export interface Scenario {
  readonly id: string;
  readonly priority: Priority;
  /** The row of the reference audit (`P1-3`), or the letter of the report that the resource comes from. */
  readonly source: string;
  /** What is shared. */
  readonly resource: string;
  /** By whom, that is: it follows from where it lies and who touches it. See `modeUnder`. */
  readonly place: Place;
  readonly touchedBy: TouchedBy;
  /** Who writes it, and how. */
  readonly writers: string;
  /** The reference audit's own status of that row. */
  readonly audit?: AuditStatus;
  /** Strategies that the catalogue knows of and this version cannot run, with the reason. */
  readonly deferred?: Readonly<Record<string, string>>;
  /** The strategy that people should use. */
  readonly fix?: string;
  /** The scenario is about this many writers, however many are asked for. */
  readonly writersMax?: number;
  /** Fewer could not collide: so many writers are explored. Two where this is left out. */
  readonly writersMin?: number;
  /** Operations of each writer in one execution of a storm. */
  readonly operations?: number;
  /** Puts a fresh resource into an empty directory. */
  readonly setup: (dir: string) => void;
  /** Parts of file names that a writer draws at random: in steps, they are all alike. */
  readonly randomNames?: RegExp;
  /** What readers do beside the writers, over and over, without a lock. Throws where what it reads is torn. */
  readonly read?: Perform;
  /** What each writer does once all operations are over, one writer after another. */
  readonly finally?: Perform;
  /** What of the files that are left counts, where that is not all of them as they are. */
  readonly view?: (dir: string, files: Files) => Files;
  /** Its sessions are run one after another first, in every order. */
  readonly serial?: SerialOrders;
  /** Who fails because of others, where its serial orders are known: told of beside the verdict. */
  readonly contends?: Contends;
  /** Parts of names that are drawn are found out by running it several times. */
  readonly learnsNames?: boolean;
  readonly oracles: readonly Oracle[];
  /** Facts worth counting that are no collisions, such as warnings printed. */
  readonly counts?: (execution: Execution) => Readonly<Record<string, number>>;
  /**
   * What a private copy for each session leads to, where the resource exists to coordinate them: a marker that says
   * "already started" is of no use to those who can't see it. Without it, sessions with private copies are judged apart.
   */
  readonly isolated?: readonly CollisionClass[];
  readonly strategies: Readonly<Record<string, Strategy>>;
}

/** What sessions do one after another shows whether what is expected can hold, and where nobody has said what is right, it is right. */
export interface SerialOrders {
  /** What each session does, by index: those with the same are interchangeable. */
  readonly lines: readonly string[];
  readonly isRight: boolean;
  /** To fail because of each other is a finding, and not only told of. */
  readonly allSucceed?: true;
  /** Why nothing is judged, where that is so. @param states of the files that count, before and after each session of each order. */
  readonly untested?: (states: readonly Files[]) => string | undefined;
}

/** What a target was taken for before it was measured. P1 decides whether a topology is dangerous. */
export const priorities = { P1: 'known to collide', P2: 'said to be harmless' } as const;

export type Priority = keyof typeof priorities;

/** What the reference audit says of a row, and what it claims by that of the writer as found. */
export const auditStatuses = {
  low: 'holds',
  'low, benign': 'holds',
  verified: 'holds',
  'probed SAFE': 'holds',
  'fix applied': 'collides, and the fix holds',
  'fix deferred': 'collides',
} as const;

export type AuditStatus = keyof typeof auditStatuses;

/** One way of writing to the resource. */
export interface Strategy {
  /** What the writer does, in a few words: `read, parse, write in place`. */
  readonly does: string;
  /** What exploration with at least two sessions must find: nothing (SAFE), or every one of these classes. */
  readonly truth: Truth;
  /** Classes that may be found besides. */
  readonly may?: readonly CollisionClass[];
  /** The interleaving that does it, or the reason why there is none. */
  readonly why: string;
  /** Of what is SAFE: what one pays for it. */
  readonly cost?: string;
  /** Of what is SAFE here: why nobody should take it for a fix all the same. */
  readonly noFix?: string;
  /** Programs that run beside its sessions and belong to it: files below scenarios/. */
  readonly programs?: readonly string[];
  /** Programs and libraries that it can't do without: see `missingNeed`. */
  readonly needs?: readonly string[];
  /** Overrides the scenario's number, where one operation is slow. */
  readonly operations?: number;
  /** The program that the sessions talk to. */
  readonly server?: Server;
  /** How many fresh sessions come at once after something went wrong: one, where nothing is said. */
  readonly freshSessions?: number;
  /** What comes of it where something goes wrong, by kind of fault. It holds under those that are not named. */
  readonly underFaults?: Partial<Readonly<Record<FaultKind, UnderFault>>>;
  /** What is true instead where the server is another product that speaks the same protocol: by its name. */
  readonly onProduct?: Readonly<Record<string, Pick<Strategy, 'truth' | 'may' | 'why'>>>;
  /** Why its interleavings can't be chosen, where they can't: it is under storm only. */
  readonly unexplored?: string;
  /** Before each execution, by one session: puts what lies on the server into its initial state. */
  readonly prepare?: Perform;
  /** Before the start: what the session remembers from then on (`session.memory`). */
  readonly open?: Perform;
  /** One operation: a function in the warm process of the session, or a command that it spawns. */
  readonly perform: Perform | Command;
  /** Overrides the scenario's reader, where the strategy has another layout. */
  readonly read?: Perform;
  /** Overrides what the scenario has writers do in the end. */
  readonly finally?: Perform;
}

/** What exploration must find, what it may find besides, and why, in one line. */
export interface UnderFault {
  readonly truth: readonly CollisionClass[];
  readonly may?: readonly CollisionClass[];
  readonly why: string;
  /** A witness that shows it, where a search would take long: it is played first. */
  readonly shownBy?: string;
}

export type Truth = 'SAFE' | readonly CollisionClass[];

/** Returns what the session was told, as a JSON value; throws `Refused` where it was told that nothing happened. */
export type Perform = (session: Session) => unknown;

/** What an operation knows of itself. */
export interface Session {
  /** Place among the sessions, from 0. */
  readonly index: number;
  readonly uuid: string;
  /** How many writers there are. */
  readonly writers: number;
  /** The id of this operation, unique in its execution: `s1.3`. */
  readonly id: string;
  /** The number of this operation, from 0. */
  readonly operation: number;
  /** What `open` returned. */
  readonly memory: unknown;
  /** Where the strategy's server is: a URI, or the path of a socket. Empty where it has none. */
  readonly server: string;
  /** A name for what the session's view of the resource has on the server, since that may serve others, too. */
  readonly space: string;
  /** A path in the session's view of the resource. */
  path(...names: readonly string[]): string;
}

/** Thrown by a strategy that knows that its operation did not happen. Anything else it throws leaves that open. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Identity at run time; checks a scenario where it is written. */
export const defineScenario = (scenario: Scenario): Scenario => scenario;

/** What is true instead on other products: `on FerretDB it is LAST_WRITER_WINS: …`. */
export const exceptionWords = (onProduct: Strategy['onProduct'] = {}): readonly string[] =>
  Object.entries(onProduct).map(
    ([product, { truth, why }]) => `on ${product} it is ${truthClasses(truth).join(' + ') || 'SAFE'}: ${why}`,
  );

export const truthClasses = (truth: Truth): readonly CollisionClass[] => (truth === 'SAFE' ? [] : truth);
