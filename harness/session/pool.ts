import { Tinypool } from 'tinypool';
import type { Role, SessionIdentity } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Hello, Performed, PerformTask, Task } from './protocol.ts';
import { endLeftRunning, leftRunning, SESSION_VARIABLE, sessionMark, sweep } from './sweep.ts';

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
  /** They will go behind the gate, where the threads that V8 helps itself with are only in the way: what they do is chance. */
  readonly forGate?: boolean;
}

/** A session process: started once, replaced when it dies. */
export interface PooledSession {
  readonly identity: SessionIdentity;
  /** Replaces the session if it has died since its last task. To be awaited before a round is timed. */
  ensure(): Promise<void>;
  /** Never rejects while sessions can be started. A session that died or hung has been replaced when this resolves. */
  perform(task: PerformTask, deadlineMs?: number): Promise<SessionResult>;
  /** Sends the session behind the gate. Rejects where it can't go there, or when it dies there. */
  gate(): Promise<never>;
  /** Programs that its commands have started and not waited for, and that still run. Linux only: none elsewhere. */
  leftRunning(): readonly string[];
  endLeftRunning(): void;
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
    await Promise.all(sessions.map((session) => session.ensure()));
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
  #pool: Tinypool | undefined;
  #hello: Hello | undefined;
  #closed = false;

  constructor(options: PoolOptions, index: number, role: Role) {
    this.#options = options;
    this.#index = index;
    this.#role = role;
  }

  get identity(): SessionIdentity {
    return { index: this.#index, role: this.#role, uuid: this.#hello?.uuid ?? '', pid: this.#hello?.pid ?? 0 };
  }

  async ensure(): Promise<void> {
    const { catalogue, sandbox } = this.#options;
    for (let attempt = 1; this.#hello === undefined; attempt++) {
      if (this.#closed) throw new SessionsNotStarted('the run is being ended');
      const result = await this.#run({ type: 'hello', catalogue, sandbox }, limits.sessionStartMs);
      if (result.kind === 'answered') this.#hello = result.answer as Hello;
      else if (result.kind === 'threw' || attempt === limits.sessionStartAttempts) {
        throw new SessionsNotStarted(`session ${this.#index} ${result.reason}`);
      }
    }
  }

  async perform(task: PerformTask, deadlineMs: number = limits.roundDeadlineMs): Promise<SessionResult> {
    await this.ensure();
    const result = await this.#run(task, deadlineMs);
    if (result.kind === 'answered') return { kind: 'performed', performed: result.answer as Performed };
    if (!this.#closed) await this.ensure();
    return result;
  }

  async gate(): Promise<never> {
    await this.ensure();
    const result = await this.#run({ type: 'gate' }, FOR_EVER_MS);
    throw new Error(
      result.kind === 'answered' ? 'came back from behind the gate' : result.reason.replace(/^threw: /, ''),
    );
  }

  leftRunning(): readonly string[] {
    return leftRunning(this.#options.sandbox, this.#index).map(({ name }) => name);
  }

  endLeftRunning(): void {
    endLeftRunning(this.#options.sandbox, this.#index);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // What tinypool waits for does not keep this process running, once it has sent a session that is slow to end its SIGKILL.
    const running = setTimeout(() => {}, FOR_EVER_MS);
    try {
      await this.#pool?.destroy();
    } finally {
      clearTimeout(running);
    }
  }

  async #run(task: Task, deadlineMs: number): Promise<Answered | Exclude<SessionResult, { kind: 'performed' }>> {
    const pool = this.#open();
    const pid = this.#hello?.pid ?? '?';
    const { promise: deadline, resolve } = Promise.withResolvers<'hung'>();
    const timer = setTimeout(resolve, deadlineMs, 'hung');
    try {
      const answered = pool.run(task).then((answer: unknown): Answered => ({ kind: 'answered', answer }));
      const result = await Promise.race([answered, deadline]);
      if (result !== 'hung') return result;
      answered.catch(() => {}); // it is killed below
      this.#lost(pool);
      return { kind: 'hung', reason: `had not answered after ${deadlineMs} ms, and was killed` };
    } catch (error) {
      // What the session threw arrives as plain data; an Error is tinypool's own, about a process that is no more.
      if (!(error instanceof Error)) return { kind: 'threw', reason: `threw: ${messageOf(error)}` };
      this.#lost(pool);
      return { kind: 'died', reason: `(pid ${pid}) died` };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The tinypool of this session, and in it the process. */
  #open(): Tinypool {
    if (this.#pool !== undefined) return this.#pool;
    const { sandbox, forGate = false } = this.#options;
    const pool = new Tinypool({
      filename: worker.href,
      runtime: 'child_process',
      minThreads: 1,
      maxThreads: 1,
      // Behind the gate it must be told from its timers whether it waits for a time: those that V8 sets for itself would look the same.
      execArgv: forGate ? ['--single-threaded', '--no-memory-reducer'] : [],
      // Temporary files of whatever it runs go when the sandbox goes.
      env: { ...definedEnvironment(), TMPDIR: sandbox, [SESSION_VARIABLE]: sessionMark(sandbox, this.#index) },
    });
    pool.on('error', () => this.#lost(pool)); // died between two tasks
    this.#pool = pool;
    return pool;
  }

  /** Ends what is left of a session, the replacement that tinypool starts by itself included. The next task gets a new pool. */
  #lost(pool: Tinypool): void {
    if (pool !== this.#pool) return;
    if (this.#hello !== undefined) this.replaced++;
    this.#hello = undefined;
    this.#pool = undefined;
    for (const { process } of pool.threads as unknown as { process: { kill(signal: string): void } }[]) {
      process.kill('SIGKILL');
    }
    pool.on('error', () => {});
    void pool.destroy();
    sweep(this.#options.sandbox, this.#index);
  }
}

/** The longest that a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

const messageOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);

interface Answered {
  readonly kind: 'answered';
  readonly answer: unknown;
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
