import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '../scenario/server.ts';
import type { Exploration, Probing } from '../verdict/exploration.ts';
import type { FaultExploration } from '../verdict/fault-verdict.ts';
import type {
  ExamineTask,
  ExplorerAnswer,
  ExplorerData,
  ExplorerTask,
  ProbeTask,
  Replayed,
  ReplayTask,
  UpsetTask,
} from './protocol.ts';
import { parseWitness } from './witness.ts';

/** Explorers at work, as many as there are cores: a gated session and its explorer take turns, and so fill one. */
export interface Explorers {
  examine(
    task: Omit<ExamineTask, 'type' | 'again' | 'server'> & { readonly again?: boolean },
    progress?: (executions: number) => void,
  ): Promise<Exploration>;
  probe(task: Omit<ProbeTask, 'type' | 'server'>, progress?: (executions: number) => void): Promise<Probing>;
  upset(task: Omit<UpsetTask, 'type' | 'server'>, progress?: (executions: number) => void): Promise<FaultExploration>;
  replay(task: Omit<ReplayTask, 'type' | 'server'>): Promise<Replayed>;
  /** How many tasks are worked on at once. */
  readonly count: number;
  close(): Promise<void>;
}

export interface ExplorersOptions extends Omit<ExplorerData, 'stop'> {
  readonly count?: number;
  /** Finds or starts the server of a strategy. Without it, none is had. */
  readonly serverFor?: ServerFor;
}

export type ServerFor = (target: string, strategy: string, ground: string) => Promise<Endpoint | undefined>;

/** An explorer could not do its work; `name` is that of the error in its thread. */
export class ExplorationFailed extends Error {
  constructor({ name, message, stack }: Extract<ExplorerAnswer, { type: 'failed' }>) {
    super(message);
    this.name = name;
    this.stack = stack;
  }
}

/** Nothing can be explored on this machine. */
export class NoGate extends Error {
  override readonly name = 'NoGate';
  constructor(reason: string) {
    super(`nothing can be explored here: ${reason}`);
  }
}

const program = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** @throws {NoGate} with the reason. */
export async function startExplorers(options: ExplorersOptions, signal?: AbortSignal): Promise<Explorers> {
  const { count = availableParallelism(), serverFor = async () => undefined, ...data } = options;
  const stop = new SharedArrayBuffer(4);
  const explorers = Array.from({ length: count }, (_, at) => new Explorer({ ...data, stop }, `explorer-${at}`));
  const halt = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  signal?.addEventListener('abort', halt, { once: true });
  const close = async (): Promise<void> => {
    halt();
    await Promise.all(explorers.map((explorer) => explorer.close()));
  };
  try {
    await Promise.all(explorers.map((explorer) => explorer.ready));
  } catch (error) {
    await close();
    throw new NoGate((error as Error).message);
  }
  const free = [...explorers];
  const waiting: ((explorer: Explorer) => void)[] = [];

  async function withExplorer<T>(work: (explorer: Explorer) => Promise<T>): Promise<T> {
    const explorer = free.pop() ?? (await new Promise<Explorer>((resolve) => waiting.push(resolve)));
    try {
      return await work(explorer);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(explorer);
      else next(explorer);
    }
  }

  /** What the task needs to know of the strategy's server. */
  async function serverAt({ ground }: Explorer, target: string, strategy: string): Promise<{ server?: Endpoint }> {
    const server = await serverFor(target, strategy, ground);
    return server === undefined ? {} : { server };
  }

  return {
    count,
    close,
    examine: (task, progress) =>
      withExplorer(async (explorer) => {
        const at = await serverAt(explorer, task.target, task.strategy);
        const answer = await explorer.ask('examined', { type: 'examine', again: false, ...task, ...at }, progress);
        return answer.exploration;
      }),
    probe: (task, progress) =>
      withExplorer(async (explorer) => {
        const at = await serverAt(explorer, task.target, task.strategy);
        return (await explorer.ask('probed', { type: 'probe', ...task, ...at }, progress)).probing;
      }),
    upset: (task, progress) =>
      withExplorer(async (explorer) => {
        const at = await serverAt(explorer, task.target, task.strategy);
        return (await explorer.ask('upset', { type: 'upset', ...task, ...at }, progress)).exploration;
      }),
    replay: (task) =>
      withExplorer(async (explorer) => {
        const { target, strategy } = parseWitness(task.witness);
        const at = await serverAt(explorer, target, strategy);
        return (await explorer.ask('replayed', { type: 'replay', ...task, ...at })).replayed;
      }),
  };
}

type AnswerOf<T extends ExplorerAnswer['type']> = Extract<ExplorerAnswer, { type: T }>;

/** One thread, which does one thing at a time. */
class Explorer {
  readonly ready: Promise<void>;
  /** Where its sessions work, as a name. */
  readonly ground: string;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #answer: PromiseWithResolvers<ExplorerAnswer> = Promise.withResolvers();
  #progress: ((executions: number) => void) | undefined;

  constructor(data: ExplorerData, ground: string) {
    this.ground = ground;
    this.#worker = new Worker(program, { workerData: data });
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (answer: ExplorerAnswer) => {
      if (answer.type === 'progress') this.#progress?.(answer.executions);
      else if (answer.type === 'failed') this.#answer.reject(new ExplorationFailed(answer));
      else this.#answer.resolve(answer);
    });
    this.#worker.on('error', (error) => this.#answer.reject(error));
    this.ready = this.#answer.promise.then(() => {});
  }

  async ask<T extends ExplorerAnswer['type']>(
    type: T,
    task: ExplorerTask,
    progress?: (executions: number) => void,
  ): Promise<AnswerOf<T>> {
    this.#answer = Promise.withResolvers();
    this.#progress = progress;
    this.#worker.postMessage(task);
    const answer = await this.#answer.promise;
    if (answer.type === type) return answer as AnswerOf<T>;
    throw new Error(`an explorer answered '${answer.type}' instead of '${type}'`);
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ type: 'close' });
    await this.#ended;
  }
}
