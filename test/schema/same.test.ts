/** What the compiler refuses: `tsc` is what runs these. */

import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaOf } from '../../harness/schema/same.ts';

interface Told {
  readonly name: string;
  readonly ids: readonly number[];
  readonly note?: string;
  readonly kinds: Readonly<Record<string, 'a' | 'b'>>;
  readonly output: unknown;
}

const whole = {
  name: z.string(),
  ids: z.array(z.number()),
  note: z.string().exactOptional(),
  kinds: z.record(z.string(), z.enum(['a', 'b'])),
  output: z.unknown().optional(),
};

test('a schema that says what its type says is taken; any other is refused', () => {
  const same = schemaOf<Told>();
  const { note: _, ...without } = whole;
  expect(same('Same0', z.strictObject(whole)).safeParse({ name: '', ids: [1], kinds: {} }).success).toBe(true);
  // @ts-expect-error a key less
  same('Same1', z.strictObject(without));
  // @ts-expect-error a key more
  same('Same2', z.strictObject({ ...whole, more: z.string() }));
  // @ts-expect-error a key more, which may be missing
  same('Same3', z.strictObject({ ...whole, more: z.string().exactOptional() }));
  // @ts-expect-error what may be missing is asked for
  same('Same4', z.strictObject({ ...whole, note: z.string() }));
  // @ts-expect-error what is asked for may be missing
  same('Same5', z.strictObject({ ...whole, name: z.string().exactOptional() }));
  // @ts-expect-error another type, deep within
  same('Same6', z.strictObject({ ...whole, ids: z.array(z.string()) }));
  // @ts-expect-error a value less
  same('Same7', z.strictObject({ ...whole, kinds: z.record(z.string(), z.literal('a')) }));
  // @ts-expect-error a value more
  same('Same8', z.strictObject({ ...whole, kinds: z.record(z.string(), z.enum(['a', 'b', 'c'])) }));
});
