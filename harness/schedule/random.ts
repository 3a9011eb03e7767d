import { draws } from '../session/random.ts';
import type { Choose, Scheduler, Trace } from './scheduler.ts';

/**
 * At every decision each session has the same chance. Endless. In every second execution, outwaiting the others has the same
 * chance too; in the rest it comes only when there is no other way. With it, hardly anybody would wait until the end.
 */
export const uniformRandom = (seed: string): Scheduler => ({
  name: 'random',
  *explore(): Generator<Choose, void, Trace> {
    for (let execution = 0; ; execution++) {
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
