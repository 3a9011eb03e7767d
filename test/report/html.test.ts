import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../harness/history/step.ts';
import { linesOf, sideBySide } from '../../harness/report/html/difference.ts';
import { htmlReport } from '../../harness/report/html/html.ts';
import { locksIn } from '../../harness/report/html/locks.ts';
import type { ComparedLine, SideLine } from '../../harness/report/html/page/shapes.ts';
import { allFindings } from '../../harness/report/html/rows.ts';
import { packageRoot } from '../../harness/scenario/command.ts';
import { smallReport } from '../support/html-report.ts';

const page = htmlReport(smallReport());

test('the same report gives the same bytes', () => {
  expect(htmlReport(smallReport())).toBe(page);
});

describe('the page', () => {
  test('asks nobody for anything', () => {
    expect(page).not.toMatch(/\b(?:src|href|action)="(?!#|data:,")/);
    expect(page).not.toMatch(/@import|url\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
  });

  test.each(['script', 'style'])('allows only its own %s', (name) => {
    const [, text] = new RegExp(`<${name}>([^]*?)</${name}>`).exec(page)!;
    const hash = createHash('sha256').update(text!).digest('base64');
    expect(page).toContain(`${name}-src 'sha256-${hash}'`);
    expect(page).not.toContain('unsafe-');
  });

  test('has nothing in it that is markup only because of the data', () => {
    const tags = (text: string): number => text.match(/<[a-z!/]/gi)!.length;
    const hostile = htmlReport(smallReport('</script><img src=x onerror="alert(1)"><!--<script>\0\u2028\ud800'));
    expect(tags(hostile)).toBe(tags(page));
  });

  test('has every finding once, by its name', () => {
    const names = [...page.matchAll(/data-finding="([^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'ingest-health/rmw LAST_WRITER_WINS',
      'ingest-health/rmw TORN_STATE',
      'token/check DOUBLE_CONSUME',
      'ingest-health/flock ~crash LOST_ON_CRASH',
    ]);
  });

  test('says first what got worse', () => {
    const at = (text: string): number => page.indexOf(text);
    expect(at('TORN_STATE is new')).toBeGreaterThan(0);
    expect(at('TORN_STATE is new')).toBeLessThan(at('id="overview"'));
  });
});

test('the modules of the script can be put together: no two of them have a name in common', () => {
  const folder = join(packageRoot(), 'harness/report/html/page');
  const modules = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'shapes.ts');
  const names = modules.flatMap((name) =>
    [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/^(?:export )?(?:async )?(?:const|let|function) (\w+)/gm),
    ].map(([, declared]) => declared!),
  );
  expect(names.length).toBeGreaterThan(modules.length);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

describe('expected and actual', () => {
  const [lost, torn] = allFindings(smallReport());

  test('are what sessions were told and what they left, one after another and as it was', () => {
    expect(lost!.expectedIs).toMatch(/one after another.*session 1, then session 0\.$/);
    expect(lost!.compared.map(({ name, same }) => [name, same])).toEqual([
      [undefined, false],
      ['health.json', false],
    ]);
    expect(lost!.notCompared).toBe('Not shown: 1 file, as expected.');
  });

  test('without a serial outcome on record there is only what was left', () => {
    expect(torn).toMatchObject({ hasExpected: false, compared: [{ name: 'health.json' }] });
  });
});

describe('side by side', () => {
  const compare = (left: string, right: string): readonly ComparedLine[] => sideBySide(linesOf(left), linesOf(right));
  const side = (line: SideLine | undefined): string =>
    line?.pieces.map((piece, at) => (at % 2 === 1 ? `[${piece}]` : piece)).join('') ?? '';
  const words = (lines: readonly ComparedLine[]): readonly string[] =>
    lines.map(({ left, right, note }) => note ?? `${side(left)} # ${side(right)}`);

  test('what differs in a line is marked', () => {
    expect(words(compare('{"n":43}\n', '{"n":42}\n'))).toEqual(['{"n":[43]}↵ # {"n":[42]}↵']);
  });

  test.each<[string, string, string, readonly string[]]>([
    ['a line that is missing', 'a\nb\n', 'a\n', ['a↵ # a↵', 'b↵ # ']],
    ['a line too many', 'a\n', 'a\nb\n', ['a↵ # a↵', ' # b↵']],
    ['an end of the last line', 'a\n', 'a', ['a[↵] # a']],
    ['nothing at all', '', 'a', [' # a']],
    ['what is no text', 'a', '\0\0', ['[a] # [(no text: 2 characters)]']],
  ])('%s', (_, left, right, expected) => {
    expect(words(compare(left, right))).toEqual(expected);
  });

  test('equal lines are left out where they are many', () => {
    const many = Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join('');
    const shown = words(compare(`${many}old\n`, `${many}new\n`));
    expect(shown).toHaveLength(5);
    expect(shown[0]).toBe('17 equal lines');
  });

  test('of a long line, what differs is shown', () => {
    const [line] = compare(
      `${'a'.repeat(100_000)}1${'b'.repeat(100_000)}`,
      `${'a'.repeat(100_000)}2${'b'.repeat(100_000)}`,
    );
    expect([line!.left!.pieces[1], line!.right!.pieces[1]]).toEqual(['1', '2']);
    expect(line!.left!.pieces.join('').length).toBeLessThan(500);
  });
});

describe('a lock is held', () => {
  const on = (session: number, call: Step['call'], details: Partial<Step> = {}): Step => ({
    session,
    operation: 0,
    call,
    path: 'lock',
    accesses: [{ object: 'lock lock', mode: 'write' }],
    ...details,
  });
  const spans = (...steps: readonly Step[]): readonly (readonly number[])[] =>
    locksIn(steps).map(({ session, from, to }) => [session, from, to]);

  test('until it is given back', () => {
    expect(spans(on(0, 'lock'), on(0, 'unlock'), on(1, 'lock'), on(1, 'unlock'))).toEqual([
      [0, 0, 1],
      [1, 2, 3],
    ]);
  });

  test('until the last process that has it ends', () => {
    expect(spans(on(0, 'lock'), on(0, 'exit'), on(0, 'exit'), on(1, 'lock'))).toEqual([
      [0, 0, 2],
      [1, 3, 3],
    ]);
  });

  test('until its holder is killed', () => {
    const write: Step = { session: 0, operation: 0, call: 'write', path: 'state', fault: 'killed before it' };
    expect(spans(on(0, 'lock'), on(0, 'exit'), write, on(1, 'lock'))[0]).toEqual([0, 0, 2]);
  });

  test('by nobody who did not get it', () => {
    expect(spans(on(0, 'lock', { error: 'EWOULDBLOCK' }))).toEqual([]);
  });
});
