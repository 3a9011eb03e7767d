import { type Json, type Keyed, keyed } from '../model.ts';

export type LogInput = Keyed & ({ readonly f: 'read' } | { readonly f: 'append'; readonly value: Json });

/** Append-only: nothing goes missing, nothing moves, and a read sees all there is. */
export const log = keyed<readonly Json[], LogInput, readonly Json[] | null>({
  init: [],
  step(entries, input) {
    switch (input.f) {
      case 'read':
        return { output: entries, state: entries };
      case 'append':
        return { output: null, state: [...entries, input.value] };
    }
  },
});
