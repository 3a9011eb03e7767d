import { expect, test } from 'vitest';
import { unlessBusy } from '../../scenarios/recipes/sqlite.ts';

const failing = (errcode: number) => (): never =>
  unlessBusy(() => {
    throw Object.assign(new Error('no'), { errcode });
  });

test.each([
  ['SQLITE_BUSY', 5, 'Refused'],
  ['SQLITE_BUSY_SNAPSHOT', 517, 'Refused'],
  ['SQLITE_PROTOCOL', 15, 'Refused'],
  ['SQLITE_CORRUPT', 11, 'Error'],
])('%s is %s, and is told as %s', (_, errcode, name) => {
  expect(failing(errcode)).toThrow(expect.objectContaining({ name }));
});
