/** Random programs for schedulers to be tried on, the hard shapes on purpose. */

import { type Draw, draws } from '../../harness/session/random.ts';
import type { Instruction, Program } from './programs.ts';

const plain = ['cells', 'critical', 'nested', 'waiting', 'spinning'] as const;

/** What a program is made of. `mixed` draws from all of them. */
export const shapes = [...plain, 'mixed'] as const;
export type Shape = (typeof shapes)[number];

/** A program of its own for every seed: 2 to 4 sessions, and at most `steps` instructions in all. */
export function randomProgram(seed: string, shape: Shape, steps: number): Program {
  const draw = draws(seed);
  const sessions = draw(2, steps >= 8 ? 4 : 3);
  const each = Math.max(1, Math.floor(steps / sessions));
  return Array.from({ length: sessions }, () => {
    const length = draw(1, each);
    const made: Instruction[] = [];
    while (made.length < length) made.push(...phrase(draw, shape, length - made.length));
    return shape !== 'cells' && length < each && draw(0, 3) === 0 ? [...made, { do: 'exit' } as const] : made;
  });
}

const pick = <T>(draw: Draw, values: readonly T[]): T => values[draw(0, values.length - 1)]!;

const cells = ['x', 'y'];
const locks = ['l', 'm'];

/** At most `room` instructions that belong together. */
function phrase(draw: Draw, shape: Shape, room: number): readonly Instruction[] {
  const actual = shape === 'mixed' ? pick(draw, plain) : shape;
  const kinds = phrases[actual].filter((make) => make(draw, room).length <= room);
  const made = pick(draw, kinds.length === 0 ? [cell] : kinds)(draw, room);
  return made.length <= room ? made : [cell(draw)[0]!];
}

type Phrase = (draw: Draw, room: number) => readonly Instruction[];

const cell = (draw: Draw): readonly Instruction[] => {
  const object = pick(draw, cells);
  return pick<() => readonly Instruction[]>(draw, [
    () => [{ do: 'read', object }],
    () => [{ do: 'read', object, is: draw(0, 1), skip: draw(1, 2) }],
    () => [{ do: 'write', object, value: draw(1, 2) }],
    () => [{ do: 'add', object: 'd', value: draw(1, 3) }],
    () => [{ do: 'read', object: 'd' }],
    () => [{ do: 'follow', object: 'e', ...(draw(0, 1) === 0 && { value: draw(1, 2) }) }],
    () => [{ do: 'replace', object: 'e' }],
  ])();
};

const critical: Phrase = (draw, room) => {
  const lock = pick(draw, locks);
  const inside = room >= 4 && draw(0, 1) === 0 ? [...cell(draw), ...cell(draw)] : room >= 3 ? cell(draw) : [];
  return [{ do: 'lock', locks: [lock], shared: draw(0, 3) === 0 }, ...inside, { do: 'unlock', lock }];
};

/** In any order, so that some deadlock; now and then both at once, or one that is not given back. */
const nested: Phrase = (draw, room) => {
  const [first, second] = pick(draw, [locks, locks.toReversed()]) as [string, string];
  const [early, late] = pick(draw, [locks, locks.toReversed()]) as [string, string];
  if (draw(0, 3) === 0) return [{ do: 'lock', locks }, ...(room >= 3 ? cell(draw) : []), { do: 'unlock', lock: early }];
  const taking: readonly Instruction[] = [
    { do: 'lock', locks: [first] },
    { do: 'lock', locks: [second] },
  ];
  return room < 4 ? taking : [...taking, { do: 'unlock', lock: early }, { do: 'unlock', lock: late }];
};

const trying: Phrase = (draw, room) => {
  const lock = pick(draw, locks);
  const inside = room >= 3 ? cell(draw) : [];
  return [{ do: 'trylock', lock, skip: inside.length + draw(0, 1) }, ...inside, { do: 'unlock', lock }];
};

const unlocking: Phrase = (draw) => [{ do: 'unlock', lock: pick(draw, locks) }];

const bound = (draw: Draw) => (draw(0, 1) === 0 ? {} : { rounds: draw(1, 3), skip: draw(0, 2) });

const waiting: Phrase = (draw) => [
  {
    do: 'await',
    objects: pick(draw, [['x'], ['y'], ['x', 'y'], ['d']]),
    value: draw(0, 2),
    ...bound(draw),
  },
];

const spinning: Phrase = (draw, room) => {
  const lock = pick(draw, locks);
  const inside = room >= 3 ? cell(draw) : [];
  return [{ do: 'spin', lock, ...bound(draw) }, ...inside, { do: 'unlock', lock }];
};

const phrases: Readonly<Record<(typeof plain)[number], readonly Phrase[]>> = {
  cells: [cell],
  critical: [critical, critical, cell, trying],
  nested: [nested, nested, critical, trying, unlocking],
  waiting: [waiting, cell, cell, critical],
  spinning: [spinning, spinning, waiting, critical, cell],
};
