import { isDeepStrictEqual } from 'node:util';
import { type Json, type Keyed, keyed } from '../model.ts';

export type RegisterInput = Keyed &
  (
    | { readonly f: 'read' }
    | { readonly f: 'write'; readonly value: Json }
    /** Puts the second value where the first is, and answers whether it was. */
    | { readonly f: 'cas'; readonly value: readonly [Json, Json] }
  );

/** Holds one value, null to begin with. */
export const register = keyed<Json, RegisterInput, Json>({
  init: null,
  step(held, input) {
    switch (input.f) {
      case 'read':
        return { output: held, state: held };
      case 'write':
        return { output: null, state: input.value };
      case 'cas': {
        const [expected, replacement] = input.value;
        const swaps = isDeepStrictEqual(held, expected);
        return { output: swaps, state: swaps ? replacement : held };
      }
    }
  },
});
