import { draws } from '../session/random.ts';
import type { Candidate, Choose, Scheduler, Trace } from './scheduler.ts';
import { type Shard, WHOLE } from './shard.ts';

export interface Pct extends Scheduler {
  /** Most steps that an execution had so far. */
  readonly steps: number;
  /** Most sessions that took part. */
  readonly sessions: number;
}

/** Priority of outwaiting: after all who go on as they like, before all who are held back. */
const OUTWAIT = 0;

/**
 * Random priorities, and `depth - 1` random steps before which whoever is to go on is put last (Burckhardt, Kothari,
 * Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Endless.
 * The first execution puts nobody last: it tells how many steps there are.
 *
 * Others are outwaited when all who can go on have been put last: then they are as slow as a session must be for others to
 * lose patience. So losing patience once costs one of the `depth - 1` steps. A shard makes every n-th of the executions.
 */
export function pct(seed: string, depth: number, { index, count }: Shard = WHOLE): Pct {
  let steps = 0;
  const sessions = new Set<number>();

  function* explore(): Generator<Choose, void, Trace> {
    for (let execution = index - 1; ; execution += count) {
      const { decisions } = yield prioritized(`${seed}/${execution}`, depth, steps);
      steps = Math.max(steps, decisions.length);
      for (const { chosen } of decisions) sessions.add(chosen.session);
    }
  }

  return {
    name: 'pct',
    explore,
    get steps() {
      return steps;
    },
    get sessions() {
      return sessions.size;
    },
  };
}

function prioritized(seed: string, depth: number, steps: number): Choose {
  const draw = draws(seed);
  // Whom the first of these puts last stays behind all others; whom the second, behind all but that one; and so on.
  const demotions = steps === 0 ? [] : Array.from({ length: depth - 1 }, () => draw(1, steps));
  const priorities = new Map<number, number>();
  const priorityOf = ({ session, outwait }: Candidate): number => {
    const own = priorities.get(session) ?? draw(OUTWAIT + 1, 2 ** 30);
    priorities.set(session, own);
    return outwait ? Math.min(OUTWAIT, own) : own;
  };
  let step = 0;
  return ({ enabled }) => {
    const leader = (): Candidate => enabled.reduce((a, b) => (priorityOf(b) > priorityOf(a) ? b : a));
    step++;
    for (const [rank, demotion] of demotions.entries()) {
      if (demotion === step) priorities.set(leader().session, OUTWAIT - depth + rank);
    }
    return leader();
  };
}

/** The least probability with which so many executions of `pct` find a bug of that depth, by the paper's theorem. */
export function pctGuarantee(sessions: number, steps: number, depth: number, executions: number): number {
  const once = 1 / (Math.max(1, sessions) * Math.max(1, steps) ** (depth - 1));
  return 1 - (1 - once) ** executions;
}
