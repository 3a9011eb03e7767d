import { type Json, type Keyed, keyed } from '../model.ts';

export type SetInput = Keyed & ({ readonly f: 'read' } | { readonly f: 'add' | 'remove'; readonly value: Json });

/** Each element is there or not. What a read answers is in the order of `inOrder`. */
export const set = keyed<readonly Json[], SetInput, readonly Json[] | null>({
  init: [],
  step(elements, input) {
    if (input.f === 'read') return { output: elements, state: elements };
    const others = elements.filter((element) => JSON.stringify(element) !== JSON.stringify(input.value));
    return { output: null, state: input.f === 'add' ? inOrder([...others, input.value]) : others };
  },
});

/** Elements as the model lists them. One that is there twice stays so: a set that says that is wrong. */
export const inOrder = (elements: readonly Json[]): readonly Json[] =>
  elements
    .map((element) => ({ element, text: JSON.stringify(element) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ element }) => element);
