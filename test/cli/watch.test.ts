/** `collide watch` as its users meet it: beside a process that writes, until Ctrl-C. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killStarted, type Started, start as startIn } from '../support/collide.ts';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  work = join(dir, 'work');
  mkdirSync(work);
  mkdirSync(join(dir, 'tmp'));
});
afterEach(() => {
  killStarted();
  rmSync(dir, { recursive: true });
});

const start = (...args: readonly string[]): Started =>
  startIn(['watch', 'work', '--json', ...args], { cwd: dir, temporary: join(dir, 'tmp') });

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

/** Events as they come. */
function eventsOf({ child }: Started): (wanted: (event: Event) => boolean) => Promise<Event> {
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop()!;
    events.push(...lines.map((line) => JSON.parse(line) as Event));
    for (const look of [...waiting]) look();
  });
  return (wanted) =>
    new Promise((resolve) => {
      const look = (): void => {
        const event = events.find(wanted);
        if (event === undefined) return;
        waiting.delete(look);
        resolve(event);
      };
      waiting.add(look);
      look();
    });
}

test('tells of what a real process does, writes it down, and ends at Ctrl-C', async () => {
  writeFileSync(join(work, 'state.json'), '{"n":1}');
  writeFileSync(join(work, 'ledger.jsonl'), '{"id":1}\n');
  const started = start();
  const next = eventsOf(started);
  await next(({ event }) => event === 'ready');
  const written = `const fs = require('fs'); fs.writeFileSync('state.json', '{"n":2}"m":3}'); fs.appendFileSync('ledger.jsonl', '{"id":2}{"id":3}\\n')`;
  execFileSync(process.execPath, ['-e', written], { cwd: work });
  const ledger = await next(({ event, path }) => event === 'case' && path === 'ledger.jsonl');
  expect(ledger).toMatchObject({
    kind: 'torn-ledger',
    class: 'TORN_LINES',
    damage: { kind: 'missing-newline', line: 2 },
  });
  const state = await next(({ event, path }) => event === 'case' && path === 'state.json');
  expect(state).toMatchObject({ kind: 'torn', class: 'TORN_STATE', damage: { kind: 'old-tail' } });
  expect(existsSync(join(dir, String(state.case), 'collide.config.json'))).toBe(true);
  started.child.kill('SIGINT');
  const { code, stdout, stderr } = await started.ended;
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
    event: 'summary',
    cases: [{ path: 'ledger.jsonl' }, { path: 'state.json' }],
  });
  expect(readdirSync(work).toSorted()).toEqual(['ledger.jsonl', 'state.json']);
  expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
});

test('says nothing of right writers, in new directories too, and leaves nothing behind', async () => {
  const started = start('--out', 'work/cases');
  const next = eventsOf(started);
  await next(({ event }) => event === 'ready');
  mkdirSync(join(work, 'sub'));
  for (let n = 0; n < 20; n++) {
    writeFileSync(join(work, 'sub', 'state.json.tmp'), JSON.stringify({ n }));
    renameSync(join(work, 'sub', 'state.json.tmp'), join(work, 'sub', 'state.json'));
    appendFileSync(join(work, 'sub', 'ledger.jsonl'), `{"id":${n}}\n`);
  }
  started.child.kill('SIGINT');
  const { code, stdout } = await started.ended;
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'summary', cases: [] });
  expect(code).toBe(0);
  expect(readdirSync(work)).toEqual(['sub']);
});

test('--for ends it, and a directory that is gone does', async () => {
  expect((await start('--for', '10ms').ended).code).toBe(0);
  const started = start();
  await eventsOf(started)(({ event }) => event === 'ready');
  rmSync(work, { recursive: true });
  const { code, stderr } = await started.ended;
  expect([code, stderr]).toEqual([
    3,
    'collide: work is gone: what comes in its place is another directory; watch that\n',
  ]);
});
