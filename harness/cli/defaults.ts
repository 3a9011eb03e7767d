import type { Defaults } from '../config/config.ts';
import { rateIn } from '../config/rate.ts';
import { millisecondsIn } from '../config/time.ts';
import type { RunFlags } from './run.ts';

/** What is not said on the command line is as the configuration has it. */
export function withDefaults(flags: RunFlags, wasSaid: (flag: keyof RunFlags) => boolean, config?: Defaults): RunFlags {
  if (config === undefined) return flags;
  const { writers, engine, rounds, steps, budget, seed, dir, out, topology, require, allowSkipped } = config;
  const ms = budget && millisecondsIn(budget);
  const maxRate = config.maxRate === undefined ? undefined : rateIn(String(config.maxRate));
  const values = {
    writers,
    engine,
    rounds,
    steps,
    budget: ms,
    seed,
    dir,
    out,
    topology,
    require,
    maxRate,
    allowSkipped,
  };
  const taken = Object.entries(values).filter(
    ([flag, value]) => value !== undefined && !wasSaid(flag as keyof RunFlags),
  );
  return { ...flags, ...Object.fromEntries(taken) };
}
