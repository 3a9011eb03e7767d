import { type Arch, type Numbers, numberIn, numberOf, type TrappedCall, trappedCalls } from './calls.ts';
import { harmless } from './harmless-calls.ts';
import { type OtherCall, otherCalls, otherNumberOf } from './other-calls.ts';

type Groups = typeof harmless;
type HarmlessCall = { [Reason in keyof Groups]: keyof Groups[Reason] }[keyof Groups];

/** A system call of whichever list. */
export type EveryCall = TrappedCall | OtherCall | HarmlessCall;

const harmlessByName = new Map<string, Numbers>(Object.values(harmless).flatMap((group) => Object.entries(group)));

const isIn = <T extends string>(names: readonly T[], call: string): call is T => names.includes(call as T);

export function numberOfEvery(call: EveryCall, arch: Arch): number | undefined {
  if (isIn(trappedCalls, call)) return numberOf(call, arch);
  if (isIn(otherCalls, call)) return otherNumberOf(call, arch);
  return numberIn(harmlessByName.get(call)!, arch);
}
