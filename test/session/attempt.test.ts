/** How the end of a command is told of. */

import { describe, expect, test } from 'vitest';
import type { Command } from '../../harness/scenario/command.ts';
import { answerOfCommand } from '../../harness/session/attempt.ts';

const script: Command = { kind: 'command', shell: 'sh', script: '/ours/bump.sh' };
const users: Command = {
  ...script,
  script: '/ours/session.sh',
  refusesWithAnyCode: true,
  lines: ['./a.sh\n  --fast', `echo ${'x'.repeat(60)}`],
};

const ended = (exitCode: number, stderr = '') => ({ exitCode, stdout: ' {"n":1}\n', stderr });

describe('a command', () => {
  test.each([
    [script, 0, 'ok'],
    [script, 1, 'refused'],
    [script, 2, 'unknown'],
    [users, 0, 'ok'],
    [users, 2, 'refused'],
    [users, 127, 'unknown'],
    [users, 137, 'unknown'],
  ] as const)('of %o that ends with %i is %s', (command, exitCode, outcome) => {
    expect(answerOfCommand(command, 0, ended(exitCode))).toMatchObject({ outcome, output: { n: 1 } });
  });

  test.each([
    ['by the name of a script of ours', script, 0, '/ours/bump.sh ended with exit code 137'],
    ['as its users wrote it, on one line', users, 0, '`./a.sh --fast` ended with exit code 137'],
    ['by its beginning, where it is long', users, 1, `\`echo ${'x'.repeat(35)}…\` ended with exit code 137`],
  ])('that was killed is told of %s', (_, command, session, message) => {
    expect(answerOfCommand(command, session, ended(137)).error).toEqual({ name: 'CommandFailed', message });
  });

  test('that says why, and where, says it without the place of our script', () => {
    const { error, stderr } = answerOfCommand(users, 0, ended(137, '/ours/session.sh: 1: no memory\n'));
    expect([error?.message, stderr]).toEqual([
      '`./a.sh --fast` ended with exit code 137: sh: 1: no memory',
      'sh: 1: no memory\n',
    ]);
  });
});
