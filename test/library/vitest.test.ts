/** The matcher, in tests that pass and in tests that are to fail. */

import { describe, expect, test } from 'vitest';
import '../../harness/library/vitest.ts';
import { onLinux } from '../support/explore-stage.ts';
import { bump, bumpAlone } from '../support/writers-of-a-user.ts';

const files = { n: '0' };

/** What a failing expectation says. */
const said = (expectation: Promise<unknown>): Promise<string> =>
  expectation.then(
    () => 'nothing',
    (error: Error) => error.message,
  );

test('toSurviveCollisions holds a function against what is expected of it', async () => {
  const message = await said(expect(bump).toSurviveCollisions({ files: { n: 'none' }, expect: [{ counter: 'n' }] }));
  expect(message).toContain('expect: n has no number');
});

describe.skipIf(!onLinux)('toSurviveCollisions', () => {
  test('passes where all is well', async () => {
    await expect(bumpAlone).toSurviveCollisions({ files, budgetMs: 20_000 });
    await expect({ commands: 'mkdir claimed' }).toSurviveCollisions({ budgetMs: 20_000 });
  });

  test('shows what happened, and how to see it again', async () => {
    const message = await said(expect(bump).toSurviveCollisions({ files }));
    expect(message).toContain('LAST_WRITER_WINS, an acknowledged update is missing');
    expect(message).toContain('✗');
    const witness = /toSurviveCollisions\(\{ …, replay: "([^"]+)" \}\)/.exec(message)![1]!;
    expect(await said(expect(bump).toSurviveCollisions({ files, replay: witness }))).toContain('LAST_WRITER_WINS');
    await expect(bump).not.toSurviveCollisions({ files });
  });
});
