import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Exploration, Probing } from '../verdict/exploration.ts';
import type {
  ExamineTask,
  ExplorerAnswer,
  ExplorerData,
  ExplorerTask,
  ProbeTask,
  Replayed,
  ReplayTask,
} from './protocol.ts';

/** Explorers at work, as many as there are cores: a gated session and its explorer take turns, and so fill one. */
export interface Explorers {
  examine(
    task: Omit<ExamineTask, 'type' | 'again'> & { readonly again?: boolean },
    progress?: (executions: number) => void,
  ): Promise<Exploration>;
  probe(task: Omit<ProbeTask, 'type'>, progress?: (executions: number) => void): Promise<Probing>;
  replay(task: Omit<ReplayTask, 'type'>): Promise<Replayed>;
  /** How many tasks are worked on at once. */
  readonly count: number;
  close(): Promise<void>;
}

export interface ExplorersOptions extends Omit<ExplorerData, 'stop'> {
  readonly count?: number;
}

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
  const { count = availableParallelism(), ...data } = options;
  const stop = new SharedArrayBuffer(4);
  const explorers = Array.from({ length: count }, () => new Explorer({ ...data, stop }));
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

  return {
    count,
    close,
    examine: (task, progress) =>
      withExplorer(
        async (explorer) =>
          (await explorer.ask('examined', { type: 'examine', again: false, ...task }, progress)).exploration,
      ),
    probe: (task, progress) =>
      withExplorer(async (explorer) => (await explorer.ask('probed', { type: 'probe', ...task }, progress)).probing),
    replay: (task) =>
      withExplorer(async (explorer) => (await explorer.ask('replayed', { type: 'replay', ...task })).replayed),
  };
}

type AnswerOf<T extends ExplorerAnswer['type']> = Extract<ExplorerAnswer, { type: T }>;

/** One thread, which does one thing at a time. */
class Explorer {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #answer: PromiseWithResolvers<ExplorerAnswer> = Promise.withResolvers();
  #progress: ((executions: number) => void) | undefined;

  constructor(data: ExplorerData) {
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
