/** What a search has seen is told of, also where nobody sees it again. */

import { describe, expect, test } from 'vitest';
import { explain } from '../../harness/explore/explain.ts';
import type { Played, Player } from '../../harness/explore/player.ts';
import type { Sighting } from '../../harness/explore/search.ts';
import type { Oracle } from '../../harness/oracle/finding.ts';
import { execution } from '../support/execution.ts';
import { scenario } from '../support/scenario.ts';

const lost: Oracle = ({ final }) =>
  final.lost === undefined ? [] : [{ class: 'LAST_WRITER_WINS', count: 1, message: final.lost }];

const seen: Sighting = {
  kind: 'LAST_WRITER_WINS',
  cast: {
    scenario: scenario({ id: 'made-up', oracles: [lost] }),
    strategy: 'rewrite',
    writers: 2,
    participants: [0, 1],
    operations: 1,
  },
  trace: { decisions: [], stuck: [] },
  execution: execution({ final: { lost: 'as it was' } }),
  message: 'as it was',
};

/** Each execution loses something, or does not. */
function playing(loses: (record: boolean) => boolean): Player {
  const play = (_: unknown, record = false): Played => ({
    trace: seen.trace,
    begins: [],
    redundant: false,
    learned: false,
    unspent: [],
    execution: execution({ final: loses(record) ? { lost: 'again' } : {} }),
  });
  return { take: () => {}, play } as Partial<Player> as Player;
}

describe('what was seen', () => {
  test('is told of as it is in the smallest execution that shows it', () => {
    const { message, replay, witness } = explain(
      playing(() => true),
      seen,
    );
    expect({ message, replay, final: witness.final }).toEqual({
      message: 'again',
      replay: 'made-up/rewrite:2:',
      final: { lost: 'again' },
    });
  });

  test.each([
    ['it is not seen again', () => false],
    ['it is not seen again once it is small', (record: boolean) => !record],
  ])('is told of as it was where %s', (_, loses) => {
    const { message, replay, witness } = explain(playing(loses), seen);
    expect(message).toMatch(/^as it was \(seen once, and not again under the same schedule/);
    expect({ replay, witness }).toEqual({ replay: undefined, witness: seen.execution });
  });
});
