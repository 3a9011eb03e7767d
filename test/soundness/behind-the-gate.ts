/** The same programs, explored: by the real schedulers, in warm sessions, through the real gate. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cast } from '../../harness/explore/cast.ts';
import { type Stage, setUpStage } from '../../harness/explore/stage.ts';
import type { Scenario, Strategy } from '../../harness/scenario/scenario.ts';
import { exhaustive } from '../../harness/schedule/exhaustive.ts';
import { formatSchedule, scheduleOf } from '../../harness/schedule/schedule.ts';
import type { Scheduler } from '../../harness/schedule/scheduler.ts';
import { sleep } from './calls.ts';
import { type Ended, outcomeOf, setUp, stateOf } from './outcome.ts';
import type { Program } from './program.ts';
import { Run } from './run.ts';

const SLEEP_US = 1000;
const runs = new Map<string, Program>();

/** The name of a strategy is its program: so it comes to the sessions without a file that the gate would have to let through. */
function strategyOf(name: string): Strategy {
  const program = runs.get(name) ?? (JSON.parse(name) as Program);
  runs.clear();
  runs.set(name, program);
  return {
    does: 'a small program',
    truth: 'SAFE',
    why: 'nothing is judged',
    open: ({ index, path }) => new Run(path(), program.sessions[index]!),
    perform: ({ memory, index, path }): Ended => {
      const run = memory as Run;
      while (run.next !== undefined && !run.givenUp) {
        const before = run.next;
        run.step(true);
        if (before.sleeps && run.next === before && !run.givenUp) sleep(SLEEP_US);
      }
      const ended: Ended = { answers: run.answers, stuck: run.givenUp };
      // Of who was stuck, no operation is recorded.
      if (run.givenUp) writeFileSync(path('..', `stuck-${index}`), JSON.stringify(ended));
      else run.end();
      return ended;
    },
  };
}

const scenario: Scenario = {
  id: 'soundness',
  priority: 'P1',
  source: 'test',
  resource: 'a directory',
  place: 'project',
  touchedBy: 'every session',
  writers: 'small programs',
  setup: () => {},
  oracles: [],
  strategies: new Proxy<Record<string, Strategy>>(
    {},
    { get: (_, name) => (typeof name === 'string' && name.startsWith('{') ? strategyOf(name) : undefined) },
  ),
};

/** Loaded by the sessions. */
export const catalogue: readonly Scenario[] = [scenario];

export interface Explored {
  /** Each with the schedule that led there first. */
  readonly outcomes: ReadonlyMap<string, string>;
  readonly executions: number;
  /** Does the search claim that there is nothing else? */
  readonly claimsAll: boolean;
  /** Why it does not, in words. */
  readonly without: readonly string[];
}

export class Gate {
  readonly #stage: Stage;
  readonly #sandbox: string;

  private constructor(stage: Stage, sandbox: string) {
    this.#stage = stage;
    this.#sandbox = sandbox;
  }

  /** @param under where its directory is made; on a tmpfs. */
  static async open(under: string, sessions: number): Promise<Gate> {
    const sandbox = mkdtempSync(join(under, 'collide-soundness-'));
    return new Gate(await setUpStage(import.meta.url, sandbox, sessions, () => false), sandbox);
  }

  explore(program: Program, scheduler: Scheduler & { readonly complete: boolean } = exhaustive()): Explored {
    const { player } = this.#stage;
    const participants = [...program.sessions.keys()];
    const cast: Cast = {
      scenario: { ...scenario, setup: (dir) => setUp(dir, program.initial), view: (dir) => ({ state: stateOf(dir) }) },
      strategy: JSON.stringify(program),
      writers: participants.length,
      participants,
      operations: 1,
    };
    player.begin();
    player.take(cast);
    const outcomes = new Map<string, string>();
    let executions = 0;
    // As `Search` does: from the start again where a retry loop has turned out to be endless.
    for (let again = true; again; ) {
      again = false;
      const search = scheduler.explore();
      for (let next = search.next(); !next.done; ) {
        const played = player.play(next.value);
        executions++;
        const { operations, final } = played.execution;
        const ended = participants.map((index): Ended => {
          const operation = operations.find(({ session }) => session === index);
          const { output, error } = operation ?? { output: this.#lastWords(index) };
          if (output === null) throw new Error(`session ${index}: ${error?.message ?? 'no answer'}`);
          return output as Ended;
        });
        const outcome = outcomeOf(ended, final.state!);
        if (!outcomes.has(outcome)) outcomes.set(outcome, formatSchedule(scheduleOf(played.trace)));
        again = played.learned;
        if (again) break;
        next = search.next(played.trace);
      }
    }
    const omitted = player.omitted.map(({ kind, what }) => `${kind}: ${what}`);
    const { complete, divergences = [] } = scheduler as ReturnType<typeof exhaustive>;
    return { outcomes, executions, claimsAll: complete && omitted.length === 0, without: [...divergences, ...omitted] };
  }

  #lastWords(index: number): Ended | null {
    const [stage] = readdirSync(this.#sandbox);
    const file = join(this.#sandbox, stage!, `stuck-${index}`);
    if (!existsSync(file)) return null;
    const ended = JSON.parse(readFileSync(file, 'utf8')) as Ended;
    rmSync(file);
    return ended;
  }

  async close(): Promise<void> {
    await this.#stage.close();
    rmSync(this.#sandbox, { recursive: true });
  }
}
