import { draws } from '../session/random.ts';
import type { Choose, Scheduler, Trace } from './scheduler.ts';
import { type Shard, WHOLE } from './shard.ts';

/**
 * At every decision each session has the same chance. Endless. In every second execution, outwaiting the others has the same
 * chance too; in the rest it comes only when there is no other way. With it, hardly anybody would wait until the end. A shard makes every n-th of the executions.
 */
export const uniformRandom = (seed: string, { index, count }: Shard = WHOLE): Scheduler => ({
  name: 'random',
  *explore(): Generator<Choose, void, Trace> {
    for (let execution = index - 1; ; execution += count) {
      const draw = draws(`${seed}/${execution}`);
      const patient = execution % 2 === 0;
      yield ({ enabled }) => {
        const ordinary = enabled.filter(({ outwait }) => !outwait);
        const among = patient && ordinary.length > 0 ? ordinary : enabled;
        return among[draw(0, among.length - 1)];
      };
    }
  },
});
