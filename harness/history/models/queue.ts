import { type Json, type Keyed, keyed } from '../model.ts';

export type QueueInput = Keyed & ({ readonly f: 'dequeue' } | { readonly f: 'enqueue'; readonly value: Json });

/** First in, first out. An empty one answers null. */
export const queue = keyed<readonly Json[], QueueInput, Json>({
  init: [],
  step(waiting, input) {
    switch (input.f) {
      case 'enqueue':
        return { output: null, state: [...waiting, input.value] };
      case 'dequeue':
        return { output: waiting[0] ?? null, state: waiting.slice(1) };
    }
  },
});
