/** A write that is made in part, in the place of whoever was about to make all of it. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writePart } from '../../harness/gate/data.ts';
import type { Request } from '../../harness/gate/request.ts';
import { onLinux } from '../support/explore-stage.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  file = join(dir, 'file');
  writeFileSync(file, '0123456789');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Then its owner writes on. */
function written(flags: string, bytes: number, offset?: number): { readonly told: number; readonly left: string } {
  const fd = openSync(file, flags);
  try {
    const request = { call: 'write', fd, data: () => Buffer.from('abcdef'), offset } as unknown as Request;
    const told = writePart(process.pid, request, bytes);
    writeSync(fd, '!');
    return { told, left: readFileSync(file, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

test.skipIf(!onLinux).each([
  ['where the file stands', 'r+', 3, undefined, { told: 3, left: 'abc!456789' }],
  ['at its end', 'a', 1, undefined, { told: 1, left: '0123456789a!' }],
  ['at an offset, which leaves the file where it stands', 'r+', 2, 5, { told: 2, left: '!1234ab789' }],
  ['with no more than there is', 'r+', 100, undefined, { told: 6, left: 'abcdef!789' }],
] as const)('%s', (_, flags, bytes, offset, expected) => {
  expect(written(flags, bytes, offset)).toEqual(expected);
});
