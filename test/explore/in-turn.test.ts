/** What a finding is held against is a serial execution that shows nothing wrong. */

import { expect, test } from 'vitest';
import type { Cast } from '../../harness/explore/cast.ts';
import { inTurn } from '../../harness/explore/in-turn.ts';
import type { Played, Player } from '../../harness/explore/player.ts';
import type { Step } from '../../harness/history/step.ts';
import type { Oracle } from '../../harness/oracle/finding.ts';
import type { Choose, Decision } from '../../harness/schedule/scheduler.ts';
import { execution, write } from '../support/execution.ts';
import { scenario } from '../support/scenario.ts';

const isLost: Oracle = ({ final }) =>
  final.lost === undefined ? [] : [{ class: 'LAST_WRITER_WINS', count: 1, message: final.lost }];

const cast: Cast = {
  scenario: scenario({ id: 'made-up', oracles: [isLost] }),
  strategy: 'rewrite',
  writers: 2,
  participants: [0, 1],
  operations: 1,
};

/** Session 1 was the first to end. */
const witness = execution({
  operations: [write(0, 0, { invokedUs: 1, respondedUs: 4 }), write(1, 0, { invokedUs: 2, respondedUs: 3 })],
});

const step = (session: number): Step => ({ session, operation: 0, call: 'write', path: 'state' });

/** Two sessions of two steps each. What is left says in which order they came. */
function playing(details: { readonly waits?: true; readonly stuck?: true; readonly lost?: true } = {}): Player {
  const play = (choose: Choose): Played => {
    const left = [0, 0, 1, 1];
    const decisions: Decision[] = [];
    while (left.length > 0) {
      // Who waits for the other has to let it go on in between.
      const able = details.waits ? [left.length % 2] : [...new Set(left)];
      const enabled = able.map((session) => ({ session, step: step(session) }));
      const chosen = choose({ enabled, blocked: [] })!;
      left.splice(left.indexOf(chosen.session), 1);
      decisions.push({ enabled, blocked: [], chosen, preemption: false });
    }
    const order = decisions.map(({ chosen }) => chosen.session).join('');
    return {
      trace: { decisions, stuck: details.stuck ? [{ session: 0, step: step(0) }] : [] },
      execution: execution({ final: { order, ...(details.lost ? { lost: 'alone already' } : {}) } }),
      begins: [],
      redundant: false,
      learned: false,
      unspent: [],
    };
  };
  return { take: () => {}, play } as Partial<Player> as Player;
}

test('the sessions come in the order in which they ended', () => {
  expect(inTurn(playing(), cast, witness)).toEqual({ operations: [], final: { order: '1100' } });
});

test.each([
  ['one waits for the other', playing({ waits: true })],
  ['nobody comes to the end', playing({ stuck: true })],
  ['it is wrong as well', playing({ lost: true })],
])('there is none where %s', (_, player) => {
  expect(inTurn(player, cast, witness)).toBeUndefined();
});

test('who had not begun is left out', () => {
  const taken: Cast[] = [];
  const player = { ...playing(), take: (each: Cast) => taken.push(each) } as unknown as Player;
  inTurn(player, cast, { ...witness, operations: [write(1, 0)] });
  expect(taken.map(({ participants }) => participants)).toEqual([[1]]);
});
