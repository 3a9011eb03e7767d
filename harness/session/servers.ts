import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../scenario/scenario.ts';
import type { Endpoint, RunningServer, Server } from '../scenario/server.ts';
import { SESSION_VARIABLE, sessionMark } from './sweep.ts';

/** The servers of a run. Each is started when it is first asked for, and lives until the run ends. */
export class Servers {
  readonly #sandbox: string;
  readonly #tell: (message: string) => void;
  readonly #running = new Map<string, Promise<RunningServer>>();
  /** No other run's, on this machine or another. */
  readonly #space = `collide_${randomBytes(4).toString('hex')}`;
  readonly #ending = new AbortController();

  /**
   * @param sandbox an existing directory of the run. Paths of Unix sockets are short: it should be, too.
   * @param signal when the run is being ended: whatever is still starting is given up.
   */
  constructor(sandbox: string, tell: (message: string) => void = () => {}, signal?: AbortSignal) {
    signal?.addEventListener('abort', () => this.#end(), { once: true });
    this.#sandbox = join(sandbox, 'servers');
    this.#tell = tell;
    mkdirSync(this.#sandbox, { recursive: true });
  }

  /**
   * Where sessions find a server.
   *
   * @param ground which of the directories that sessions work in: `storm`, `explorer-0`.
   * @throws where it can't be had here.
   */
  async endpoint(server: Server, ground: string): Promise<Endpoint> {
    const { stop: _, ended: __, ...running } = await this.#start(server, ground);
    const space = `${this.#space}_${ground.replaceAll('-', '_')}`;
    const { name, worksOnResource = false, ignoresBeginnings = false, ignoresEnds = false } = server;
    return { name, worksOnResource, ignoresBeginnings, ignoresEnds, space, ...running };
  }

  #start(server: Server, ground: string): Promise<RunningServer> {
    const key = server.oneForAll ? server.name : `${server.name} for ${ground}`;
    let running = this.#running.get(key);
    if (running === undefined) {
      this.#ending.signal.throwIfAborted();
      const dir = mkdtempSync(join(this.#sandbox, 'at-'));
      const env = { ...process.env, TMPDIR: dir, [SESSION_VARIABLE]: sessionMark(this.#sandbox, 0) };
      running = server.start({ dir, space: this.#space, env, signal: this.#ending.signal, tell: this.#tell });
      this.#running.set(key, running);
      void running.then((each) => this.#forgetEnded(key, each)).catch(() => {});
    }
    return running;
  }

  /** With what it may have started. Whoever asks for it again gets a new one. */
  async #forgetEnded(key: string, { ended, stop }: RunningServer): Promise<void> {
    if (ended === undefined) return;
    await ended;
    this.#running.delete(key);
    await stop();
  }

  #end(): void {
    this.#ending.abort(new Error('the run is being ended'));
  }

  /** Stops them all, and tells where that fails. What could not be started needs no stop. */
  async close(): Promise<void> {
    this.#end();
    const started = await Promise.allSettled(this.#running.values());
    const stops = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value.stop()] : []));
    for (const stopped of await Promise.allSettled(stops)) {
      if (stopped.status === 'rejected') this.#tell(`a server could not be left as it was: ${stopped.reason}`);
    }
  }
}

/** The strategy's server in a catalogue that is known by names. */
export const endpointFor =
  (servers: Servers, catalogue: readonly Scenario[]) =>
  async (target: string, strategy: string, ground: string): Promise<Endpoint | undefined> => {
    const server = catalogue.find(({ id }) => id === target)?.strategies[strategy]?.server;
    return server === undefined ? undefined : await servers.endpoint(server, ground);
  };
