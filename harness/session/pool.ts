import { Tinypool } from 'tinypool';
import type { Role, SessionIdentity } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Hello, Performed, PerformTask, Task } from './protocol.ts';
import { SESSION_VARIABLE, sessionMark, sweep } from './sweep.ts';

/** How a session came through one task. */
export type SessionResult =
  | { readonly kind: 'performed'; readonly performed: Performed }
  | { readonly kind: 'died' | 'hung' | 'threw'; readonly reason: string };

export interface PoolOptions {
  readonly writers: number;
  readonly readers: number;
  /** URL of the module that exports `catalogue`. */
  readonly catalogue: string;
  /** The directory of the run: see `sweep`. */
  readonly sandbox: string;
}

/** A session process: started once, replaced when it dies. */
export interface PooledSession {
  readonly identity: SessionIdentity;
  /** Replaces the session if it has died since its last task. To be awaited before a round is timed. */
  ensure(): Promise<void>;
  /** Never rejects while sessions can be started. A session that died or hung has been replaced when this resolves. */
  perform(task: PerformTask, deadlineMs?: number): Promise<SessionResult>;
}

export interface SessionPool {
  readonly writers: readonly PooledSession[];
  readonly readers: readonly PooledSession[];
  /** How many sessions had to be replaced so far. */
  readonly replaced: number;
  /** Ends every session and what they spawned. */
  close(): Promise<void>;
}

/** The module that a session process runs: TypeScript as it is in development, JavaScript in the build. */
const worker = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** A session process could not be started, or could not load the catalogue. */
export class SessionsNotStarted extends Error {
  override readonly name = 'SessionsNotStarted';
  constructor(reason: string) {
    super(`the sessions could not be started: ${reason}`);
  }
}

/** Starts all sessions and waits until each has said who it is, or until the signal says that nobody wants them any more. */
export async function createPool(options: PoolOptions, signal?: AbortSignal): Promise<SessionPool> {
  const sessions = Array.from(
    { length: options.writers + options.readers },
    (_, index) => new Host(options, index, index < options.writers ? 'writer' : 'reader'),
  );
  const close = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session.close()));
    sweep(options.sandbox);
  };
  signal?.addEventListener('abort', close, { once: true });
  try {
    await Promise.all(sessions.map((session) => session.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    writers: sessions.slice(0, options.writers),
    readers: sessions.slice(options.writers),
    get replaced() {
      return sessions.reduce((sum, session) => sum + session.replaced, 0);
    },
    close,
  };
}

/**
 * One session and the tinypool that holds its process. A pool each, because tinypool gives a task to whichever process is
 * free, while a session keeps its process and its identity from one execution to the next.
 */
class Host implements PooledSession {
  replaced = 0;
  readonly #options: PoolOptions;
  readonly #index: number;
  readonly #role: Role;
  readonly #pool: Tinypool;
  #hello: Hello | undefined;

  constructor(options: PoolOptions, index: number, role: Role) {
    this.#options = options;
    this.#index = index;
    this.#role = role;
    this.#pool = new Tinypool({
      filename: worker.href,
      runtime: 'child_process',
      minThreads: 1,
      maxThreads: 1,
      execArgv: [],
      env: { ...definedEnvironment(), [SESSION_VARIABLE]: sessionMark(options.sandbox, index) },
    });
    // Deaths between two tasks: the next task meets the replacement that tinypool has started.
    this.#pool.on('error', () => {
      this.#hello = undefined;
    });
  }

  get identity(): SessionIdentity {
    return { index: this.#index, role: this.#role, uuid: this.#hello?.uuid ?? '', pid: this.#hello?.pid ?? 0 };
  }

  async start(): Promise<void> {
    const { catalogue, sandbox } = this.#options;
    const result = await this.#run({ type: 'hello', catalogue, sandbox }, limits.sessionStartMs);
    if (result.kind !== 'answered') throw new SessionsNotStarted(`session ${this.#index} ${result.reason}`);
    this.#hello = result.answer as Hello;
  }

  async ensure(): Promise<void> {
    if (this.#hello === undefined) await this.#replace();
  }

  async perform(task: PerformTask, deadlineMs: number = limits.roundDeadlineMs): Promise<SessionResult> {
    await this.ensure();
    const result = await this.#run(task, deadlineMs);
    if (result.kind === 'answered') return { kind: 'performed', performed: result.answer as Performed };
    if (result.kind !== 'threw') await this.#replace();
    return result;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run(
    task: Task,
    deadlineMs: number,
  ): Promise<{ readonly kind: 'answered'; readonly answer: unknown } | Exclude<SessionResult, { kind: 'performed' }>> {
    let hung = false;
    const deadline = setTimeout(() => {
      hung = true;
      this.#kill();
    }, deadlineMs);
    try {
      return { kind: 'answered', answer: await this.#pool.run(task) };
    } catch (error) {
      if (hung) return { kind: 'hung', reason: `had not answered after ${deadlineMs} ms, and was killed` };
      // The words are tinypool's; an error from inside the session has its own.
      const { message } = error as Error;
      return message === 'Worker exited unexpectedly'
        ? { kind: 'died', reason: `(pid ${this.#hello?.pid ?? '?'}) died` }
        : { kind: 'threw', reason: `threw: ${message}` };
    } finally {
      clearTimeout(deadline);
    }
  }

  #kill(): void {
    for (const { process } of this.#pool.threads as unknown as { process: { kill(signal: string): void } }[]) {
      process.kill('SIGKILL');
    }
  }

  /** tinypool has started another process by now; it has yet to load the catalogue and to get an identity. */
  async #replace(): Promise<void> {
    sweep(this.#options.sandbox, this.#index);
    this.#hello = undefined;
    this.replaced++;
    for (let attempt = 1; this.#hello === undefined; attempt++) {
      try {
        await this.start();
      } catch (error) {
        if (attempt === limits.sessionStartAttempts) throw error;
      }
    }
  }
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
