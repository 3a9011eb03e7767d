import { type Keyed, keyed } from '../model.ts';

export type CounterInput = Keyed & ({ readonly f: 'read' } | { readonly f: 'add'; readonly value: number });

/** Starts at zero, goes up or down, and tells anyone who asks. */
export const counter = keyed<number, CounterInput, number | null>({
  init: 0,
  step(count, input) {
    switch (input.f) {
      case 'read':
        return { output: count, state: count };
      case 'add':
        return { output: null, state: count + input.value };
    }
  },
});
