import { describe, expect, test } from 'vitest';
import { examinedText } from '../../harness/report/examined.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import type { Contention } from '../../harness/verdict/contention.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { execution } from '../support/execution.ts';
import { explored, stormed, verdict } from '../support/verdict.ts';

const scenario = { id: 'exec', serial: { isRight: true } } as unknown as Scenario;

const told = (details: Partial<Verdict>): string =>
  examinedText(scenario, verdict(details), { width: 120, replayWith: (witness) => `again ${witness}`, writers: 4 });

const contention: Contention = {
  ...{ executions: 2, of: 6, rounds: 0, ofRounds: 10, exitCode: 3, stderr: 'busy' },
  message: 's1 ended with exit code 3, though one after another no session fails: busy',
  witness: execution({}),
};

describe('SAFE', () => {
  test('of all interleavings says so', () => {
    expect(told({ level: 'all', strength: { explored: explored() } })).toContain(
      'Every interleaving of 3 sessions has the outcome of a serial order.',
    );
  });

  test('beside contention does not say that every interleaving has the outcome of a serial order', () => {
    const text = told({ level: 'all', strength: { explored: explored() }, contention });
    expect(text).not.toContain('has the outcome of a serial order');
    expect(text).toContain(
      'In all of them the files are what some serial order of the commands that succeeded leaves; but a command fails that never fails alone.',
    );
    expect(text.split('\n').at(-1)).toBe('--expect all-succeed makes that a finding.');
  });

  test('of a sample is more with more time', () => {
    expect(told({ level: 'sampled', strength: stormed(400, 0, 0) })).toContain('a longer --budget tries more');
  });

  test.each([undefined, contention])('but not where something was left out', (contended) => {
    const omitted = [{ kind: 'timeouts', what: 'flock -w' }] as const;
    const strength = { explored: explored({ kind: 'partial', omitted }), ...stormed(400, 0, 0) };
    const beside = contended === undefined ? {} : { contention: contended };
    const text = told({ level: 'sampled', strength, ...beside });
    expect(text).toContain(
      "It can't become complete, because of what was left out: timeouts that never fire (flock -w).",
    );
    expect(text).not.toContain('longer --budget');
  });
});

test('what was changed outside of the copy is a warning, whatever the verdict', () => {
  expect(told({ status: 'INCONCLUSIVE', outside: ['/tmp/x/n'] })).toContain(
    'Warning: the commands changed files outside the copy, for real: /tmp/x/n',
  );
});
