/** Commands of the user's own: each session runs a line, in a copy of a directory. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Command, packageRoot } from '../scenario/command.ts';

/** Where a copy lies below the resource, and where it stands who entered and left what only one may be inside of. */
export const PLACES = { work: 'work', home: 'home', temporary: 'tmp', marks: 'marks' } as const;

/** What a session of commands is called, and can be found by in what it writes. The same in every run, so that witnesses stay true. */
export function uuidOf(target: string, session: number): string {
  const digest = createHash('sha256').update(`${target}/${session}`).digest('hex');
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}

/** `{session}`, `{op}` and `{uuid}` of a line, filled in. */
export const filledIn = (line: string, target: string, session: number): string =>
  line.replaceAll('{session}', String(session)).replaceAll('{op}', '0').replaceAll('{uuid}', uuidOf(target, session));

/** @param lines of each session, by index. */
export const commandOf = (target: string, lines: readonly string[]): Command => ({
  kind: 'command',
  shell: 'sh',
  script: join(packageRoot(), 'fixtures', 'exec', 'session.sh'),
  refusesWithAnyCode: true,
  lines,
  env: Object.fromEntries(
    lines.flatMap((line, session) => [
      [`COLLIDE_LINE_${session}`, line],
      [`COLLIDE_UUID_${session}`, uuidOf(target, session)],
    ]),
  ),
});
