import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TokenInput, token } from '../../harness/history/models/token.ts';
import { grantedOnce } from '../../harness/oracle/grants.ts';
import { linearizable } from '../../harness/oracle/linearizable.ts';
import { command, type Shell } from '../../harness/scenario/command.ts';
import { defineScenario, type Scenario, type UnderFault } from '../../harness/scenario/scenario.ts';

/** Tokens of one execution: operation k of every session goes for token k. */
const TOKENS = 4;

const unflushed: UnderFault = {
  truth: ['DOUBLE_CONSUME', 'STUCK'],
  why: 'The rename is not flushed: a token that was consumed may be back. Or it is on the disk already, and the token spent for nothing.',
};

/** A one-shot token, a file, that hook scripts consume. */
export function oneShotToken(
  shell: Shell,
  row: Pick<Scenario, 'id' | 'source' | 'resource' | 'place' | 'writers'>,
): Scenario {
  const needs = shell === 'sh' ? [] : [shell];
  return defineScenario({
    ...row,
    priority: 'P1',
    touchedBy: 'sessions with hooks',
    audit: 'fix applied',
    fix: 'cas-mv',
    operations: TOKENS,
    setup: (dir) => {
      for (let number = 0; number < TOKENS; number++) {
        writeFileSync(join(dir, `token-${number}`), 'allow one override\n');
      }
    },
    oracles: [
      grantedOnce((consumed) => String(consumed.output)),
      // And not lost either: whoever is refused comes after somebody who was granted it.
      linearizable(
        token,
        ({ id }) => ({
          input: { f: 'take', key: id.slice(id.indexOf('.')) } satisfies TokenInput,
          output: true,
          refusal: false,
        }),
        'DOUBLE_CONSUME',
      ),
    ],
    isolated: ['DOUBLE_CONSUME'],

    strategies: {
      'check-then-remove': {
        does: '`[ -f token ]`, then `rm -f`',
        truth: ['DOUBLE_CONSUME'],
        why: "B's check comes between A's check and A's removal; `rm -f` does not mind that the token is gone.",
        needs,
        perform: command(shell, 'override-token/check-then-remove.sh'),
      },
      'cas-mv': {
        does: '`mv token token.consumed.$$`',
        truth: 'SAFE',
        why: 'rename(2) takes the token away from everybody else in the same step: the second caller gets ENOENT.',
        cost: 'A file is left behind for each token that was consumed. Whoever dies right after the rename has spent it for nothing. Token and target must lie on one file system: across two, mv copies.',
        needs,
        underFaults: {
          crash: {
            truth: ['STUCK'],
            why: 'Who is killed right after the rename has spent the token, and nobody has had it: all others are refused for ever.',
          },
          'power-posix': unflushed,
          'power-ext4': unflushed,
        },
        perform: command(shell, 'override-token/cas-mv.sh'),
      },
      'copy-then-remove': {
        does: '`cp token aside`, then `rm -f`',
        truth: ['DOUBLE_CONSUME'],
        why: "A copy takes nothing away: B's copy comes between A's copy and A's removal.",
        needs,
        perform: command(shell, 'override-token/copy-then-remove.sh'),
      },
    },
  });
}
