import type { Execution } from '../history/execution.ts';
import type { SerialRun } from '../oracle/serial.ts';
import type { FaultKind } from '../scenario/faults.ts';
import type { Endpoint } from '../scenario/server.ts';
import type { Shard } from '../schedule/shard.ts';
import type { Exploration, Probing } from '../verdict/exploration.ts';
import type { FaultExploration } from '../verdict/fault-verdict.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';

/** What the thread of an explorer is started with. */
export interface ExplorerData {
  /** URL of the module that exports `catalogue`. */
  readonly catalogue: string;
  /** The directory of the run. */
  readonly sandbox: string;
  /** One Int32: not 0 when the run is to end. A thread that waits at the gate hears no message. */
  readonly stop: SharedArrayBuffer;
}

/** See `examine`. */
export interface ExamineTask {
  readonly type: 'examine';
  readonly target: string;
  readonly strategy: string;
  readonly seed: number;
  readonly budgetMs: number;
  readonly steps?: number;
  readonly shard?: Shard;
  /** All of the time is for all interleavings: what fewer amount to is known already. */
  readonly again: boolean;
  /** What the strategy shares beside files, at this explorer's place. */
  readonly server?: Endpoint;
  /** Of commands that nobody has specified: what is right. */
  readonly serialRuns?: readonly SerialRun[];
}

/** See `probe`. */
export interface ProbeTask extends Omit<ExamineTask, 'type' | 'again'> {
  readonly type: 'probe';
  readonly writers: number;
  /** So many schedules, instead of the usual number. */
  readonly executions?: number;
}

/** See `upset`. */
export interface UpsetTask extends Omit<ExamineTask, 'type' | 'again'> {
  readonly type: 'upset';
  readonly kinds: readonly FaultKind[];
  /** Faults in one execution: 1, or 2 for pairs of one kind. */
  readonly faults: number;
  /** Schedules with more than so many are not tried. -1: nobody is beside. */
  readonly preemptions: number;
}

/** Plays a witness, as often as asked for. */
export interface ReplayTask {
  readonly type: 'replay';
  readonly witness: string;
  readonly times: number;
  readonly server?: Endpoint;
  readonly serialRuns?: readonly SerialRun[];
}

export type ExplorerTask = ExamineTask | ProbeTask | UpsetTask | ReplayTask;

export interface Replayed {
  /** What the execution shows, each with its critical pair. */
  readonly findings: readonly RecordedFinding[];
  /** Sessions that fail because of each other, which is told of and no finding. */
  readonly contention?: RecordedFinding;
  readonly execution: Execution;
  /** Where an execution left the schedule, in words; each once. */
  readonly diverged: readonly string[];
  readonly times: number;
  /** How many different lists of steps there were: 1, unless the writer is not deterministic. */
  readonly stepLists: number;
}

export type ExplorerAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly executions: number }
  | { readonly type: 'examined'; readonly exploration: Exploration }
  | { readonly type: 'probed'; readonly probing: Probing }
  | { readonly type: 'upset'; readonly exploration: FaultExploration }
  | { readonly type: 'replayed'; readonly replayed: Replayed }
  | { readonly type: 'failed'; readonly name: string; readonly message: string; readonly stack: string };
