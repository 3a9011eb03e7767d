import { type Keyed, keyed } from '../model.ts';

export type TokenInput = Keyed & { readonly f: 'take' };

/** One-shot: granted to the first who takes it, and to nobody after that. */
export const token = keyed<boolean, TokenInput, boolean>({
  init: true,
  step: (there) => ({ output: there, state: false }),
});
