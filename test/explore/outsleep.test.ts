/** Whether time helps those who wait for a server, decided by what they do and not by when. */

import { expect, test } from 'vitest';
import type { Actor } from '../../harness/explore/actor.ts';
import { outsleep } from '../../harness/explore/outsleep.ts';

interface Sleeper {
  readonly actor: Actor;
  readonly patienceMs: number;
  looked(): void;
}

/** Waits until it has been looked at so often, and says each time how long it will sleep. */
function sleeper(looks: number, patienceMs: number): Sleeper {
  const session = { awaits: true };
  let left = looks;
  return {
    actor: { done: false, session } as unknown as Actor,
    patienceMs,
    looked: () => {
      session.awaits = --left > 0;
    },
  };
}

function helps(...sleepers: readonly Sleeper[]): boolean {
  const of = (actor: Actor): Sleeper => sleepers.find((one) => one.actor === actor)!;
  return outsleep(
    sleepers.map(({ actor }) => actor),
    (actor) => of(actor).looked(),
    (actor) => of(actor).patienceMs,
  );
}

const NEVER = Number.POSITIVE_INFINITY;

test('where somebody sleeps for a while only', () => {
  expect(helps(sleeper(1, 1))).toBe(true);
  expect(helps(sleeper(3, 1))).toBe(true);
});

test('where the answer has come while it was asked how long it will take', () => {
  expect(helps(sleeper(1, NEVER))).toBe(true);
});

test('to nobody who sleeps until another session does something', () => {
  expect(helps(sleeper(2, NEVER), sleeper(2, NEVER))).toBe(false);
  expect(helps()).toBe(false);
});

test('to all who began to wait at about the same time', () => {
  const [first, second] = [sleeper(1, 20), sleeper(2, 20)];
  expect(helps(first, second)).toBe(true);
  expect(second.actor.session.awaits).toBe(false);
});
