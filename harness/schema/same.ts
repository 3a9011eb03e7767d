/** Schemas say what types say: the compiler refuses one that says more, less, or something else. */

import type { z } from 'zod';

/** A type as JSON has it: what may be undefined may be missing, and nothing is read-only. */
type Json<T> = unknown extends T
  ? unknown
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? Flat<{ -readonly [K in Sure<T>]: Json<T[K]> } & { -readonly [K in Unsure<T>]?: Json<Exclude<T[K], undefined>> }>
      : T;

type Flat<T> = { [K in keyof T]: T[K] };

/** Keys that may be missing. `unknown` may be undefined. */
type Unsure<T> = {
  [K in keyof T]-?: undefined extends T[K] ? K : Partial<Pick<T, K>> extends Pick<T, K> ? OfIndex<T, K> : never;
}[keyof T];

/** An index signature is no key that may be missing. */
type OfIndex<T, K extends keyof T> = string extends keyof T ? never : K;

type Sure<T> = Exclude<keyof T, Unsure<T>>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Says<S extends z.ZodType, T> = Same<Json<z.output<S>>, Json<T>> extends true ? S : never;

/**
 * `schemaOf<Step>()('Step', z.strictObject({ … }))`: the schema, under the name that it has among others. It is of the type itself from
 * there on, so that the compiler has compared what is nested in another one once only.
 */
export const schemaOf =
  <T>() =>
  <S extends z.ZodType>(name: string, schema: Says<S, T> & S): z.ZodType<T> =>
    schema.meta({ id: name }) as unknown as z.ZodType<T>;

/** The keys of a record as the values of an enum. */
export const keysOf = <K extends string>(of: Readonly<Record<K, unknown>>): [K, ...K[]] =>
  Object.keys(of) as [K, ...K[]];
