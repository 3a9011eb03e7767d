/** What the operations of a witness come to when nobody is interrupted and nothing goes wrong: what it is held against. */

import { noFaults } from '../faults/plan.ts';
import type { Execution } from '../history/execution.ts';
import type { Choose } from '../schedule/scheduler.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import type { Cast } from './cast.ts';
import type { Player } from './player.ts';
import { findingsOf } from './search.ts';

type Serial = NonNullable<RecordedFinding['serial']>;

/**
 * Plays the cast one session after another, in the order in which the witness's sessions ended: then what differs is what went wrong,
 * and not who came first. Undefined where that is not serial, because one waits for another; or where it is wrong as well.
 */
export function inTurn(player: Player, cast: Cast, witness: Execution): Serial | undefined {
  const { faults, ...everybody } = cast;
  const undisturbed = { ...everybody, participants: cast.participants.filter((index) => tookPart(index, witness)) };
  if (undisturbed.participants.length === 0) return undefined;
  // Surroundings are no event: sessions are made anew where those change.
  const calm: Cast =
    faults === undefined || faults.surroundings.length === 0
      ? undisturbed
      : { ...undisturbed, faults: { ...noFaults, surroundings: faults.surroundings } };
  player.take(calm);
  const played = player.play(oneAfterAnother(endingOrder(witness)));
  const { trace, execution } = played;
  const turns = trace.decisions.flatMap(({ chosen: { session } }, at) =>
    session === trace.decisions[at - 1]?.chosen.session ? [] : [session],
  );
  if (trace.stuck.length > 0 || new Set(turns).size < turns.length) return undefined;
  if (findingsOf(calm, played).length > 0) return undefined;
  return { operations: execution.operations, final: execution.final };
}

/** Who had not begun when the power failed is not part of it. */
const tookPart = (index: number, { operations, steps = [] }: Execution): boolean =>
  [...operations, ...steps].some(({ session }) => session === index);

function endingOrder({ operations }: Execution): readonly number[] {
  const performed = operations.filter(({ kind }) => kind !== 'finally');
  return [
    ...new Set(performed.toSorted((a, b) => b.respondedUs - a.respondedUs).map(({ session }) => session)),
  ].reverse();
}

function oneAfterAnother(order: readonly number[]): Choose {
  let last: number | undefined;
  return ({ enabled }) => {
    const willing = enabled.filter(({ outwait }) => !outwait);
    const place = ({ session }: { readonly session: number }): number =>
      session === last ? -1 : order.includes(session) ? order.indexOf(session) : order.length;
    const next = willing.toSorted((a, b) => place(a) - place(b))[0] ?? enabled[0];
    last = next?.session;
    return next;
  };
}
