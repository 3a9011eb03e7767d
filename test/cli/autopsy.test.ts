import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { autopsy } from '../../harness/cli/autopsy.ts';

let dir: string;
let printed: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

test('damage, who leaves it, and how to see that happen', async () => {
  const path = file('ledger.jsonl', '{"n":1}\n{"n":2}{"n":3}\n{"n":4}{"n":5}\n');
  expect(await autopsy({}, [path])).toBe(1);
  expect(printed.replaceAll(dir, 'DIR').replace(/\n +/g, ' ')).toBe(
    'DIR/ledger.jsonl: 2 damaged places in JSON lines (3 lines, 38 bytes)\n' +
      ' a missing newline (TORN_LINES) line 2, byte 15: two whole records in one line: {"n":2}▸{"n":3}' +
      ' line 3, byte 30: two whole records in one line: {"n":4}▸{"n":5}' +
      ' Who leaves it: A writer that appends its record and its newline in two writes: the record of another one came' +
      ' between. Or one that was killed before its newline.' +
      " One that does: collide replay 'evidence-ledger/split-append:2:0@write.2:ledger.jsonl,1'\n",
  );
});

test('where there is none, it says what was looked for', async () => {
  expect(await autopsy({}, [file('state.json', '{"n":1}')])).toBe(0);
  expect(printed).toMatch(/no damage found in a JSON document \(7 bytes\)\. Looked for: nothing in it; cut off;/);
});

test('--json is a contract', async () => {
  await autopsy({ json: true }, [file('state.json', '{"n":1}9}'), file('notes.md', '# notes\n')]);
  const { format, files, skipped } = JSON.parse(printed);
  expect([format, skipped]).toEqual(['collide-autopsy-1', []]);
  expect(files).toMatchObject([
    {
      format: 'json',
      bytes: 9,
      damages: [{ kind: 'old-tail', class: 'TORN_STATE', offset: 7, line: 1, excerpt: '{"n":1}▸9}' }],
    },
    { format: 'text', damages: [] },
  ]);
  expect(files[0].damages[0].witness).toMatch(/^user-config\/reset-on-corrupt:/);
});

test('several files, globs, and what nothing can be said of among them', async () => {
  file('a.json', '');
  file('b.json', '1');
  const picture = file('picture', Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
  expect(await autopsy({}, [join(dir, '*.json'), picture, dir])).toBe(1);
  expect(printed).toContain('1 of 2 files damaged.');
  expect(printed.match(/^Not looked into: .*/gm)).toHaveLength(2);
});

test('--as overrides what the name says', async () => {
  const path = file('events.txt', '{"n":1}{"n":2}\n');
  expect(await autopsy({}, [path])).toBe(0);
  expect(await autopsy({ as: 'jsonl' }, [path])).toBe(1);
});

test('a long line, and lines that end where pieces of the file do', async () => {
  const long = `{"a":"${'x'.repeat(3 * 2 ** 20)}"}`;
  const even = `{"a":"${'y'.repeat(2 ** 20 - 9)}"}`;
  expect(await autopsy({ json: true }, [file('a.jsonl', `${even}\n${long}\n${even}\n{"b":1}{"c":1}\n`)])).toBe(1);
  expect(JSON.parse(printed).files[0]).toMatchObject({ lines: 4, damages: [{ kind: 'missing-newline', line: 4 }] });
});

test('a database is asked itself: a copy of it, with its write-ahead log', async () => {
  const path = join(dir, 'state.db');
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES ('${'x'.repeat(20_000)}')`);
  const before = readdirSync(dir);
  expect(await autopsy({}, [path])).toBe(0);
  expect(readdirSync(dir)).toEqual(before);
  database.close();
  const pages = Buffer.alloc(16_384, 0x2a);
  Buffer.from('SQLite format 3\0').copy(pages);
  expect(await autopsy({}, [file('broken.db', pages)])).toBe(1);
  expect(printed).toContain('a malformed database (TORN_STATE)');
  expect(await autopsy({}, [file('zeros.db', Buffer.alloc(4096))])).toBe(1);
});

test.each([
  ['nothing.json', /nothing\.json: there is no such file/],
  ['.', /that is a directory; name files in it/],
  ['*.nothing', /no file matches that/],
])('a mistake is one line that says what to do: %s', async (name, message) => {
  await expect(autopsy({}, [join(dir, name)])).rejects.toThrow(message);
});

test('what is neither text nor a database', async () => {
  const picture = file('picture', Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
  await expect(autopsy({}, [picture])).rejects.toThrow(/neither text nor a SQLite database.*say --as text/);
});
