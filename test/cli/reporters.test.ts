/** `--reporter`: what can be said, where it goes, and what is never lost. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { report } from '../../harness/cli/report.ts';
import { type Asked, parseReporters, renderReports, requestsOf } from '../../harness/cli/reporters.ts';
import { fitted } from '../../harness/cli/step-summary.ts';
import type { Report } from '../../harness/report/report.ts';
import { levelled } from '../../harness/verdict/level.ts';
import { start } from '../support/collide.ts';
import { faultsOf, reportOf } from '../support/report.ts';
import { objections } from '../support/schemas.ts';

let dir: string;
let printed: string;
let said: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  [printed, said] = ['', ''];
  vi.stubEnv('GITHUB_STEP_SUMMARY', '');
  vi.stubEnv('GITHUB_ACTIONS', '');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const asked = (text: string, also: Asked = {}): ReturnType<typeof requestsOf> =>
  requestsOf({ said: parseReporters(text), ...also });

const render = (text: string, report: Report = reportOf()): void =>
  renderReports(report, asked(text.replaceAll('DIR', dir)), { out: dir });

describe('what can be said', () => {
  test.each([
    ['table', [{ name: 'table' }]],
    ['table, junit', [{ name: 'table' }, { name: 'junit' }]],
    ['github,table', [{ name: 'github' }, { name: 'table' }]],
    ['json=-', [{ name: 'json', to: '-' }]],
    ['sarif=-,junit', [{ name: 'sarif', to: '-' }, { name: 'junit' }]],
  ])('%s', (text, requests) => {
    expect(asked(text)).toEqual(requests);
  });

  test('the flag may be repeated', () => {
    expect(parseReporters('html,junit', parseReporters('table'))).toEqual(parseReporters('table,html,junit'));
  });

  test('without it, the table; or what the configuration has', () => {
    expect(requestsOf({})).toEqual([{ name: 'table' }]);
    expect(requestsOf({ configured: 'table,html' })).toEqual([{ name: 'table' }, { name: 'html' }]);
    expect(requestsOf({ configured: ['github', 'junit'], said: parseReporters('table') })).toEqual([{ name: 'table' }]);
  });

  test('beside --json, what the configuration would print is not printed', () => {
    expect(requestsOf({ json: true })).toEqual([]);
    expect(requestsOf({ json: true, configured: 'table,html' })).toEqual([{ name: 'html' }]);
    expect(asked('junit', { json: true })).toEqual([{ name: 'junit' }]);
  });

  test.each([
    ['junitt', {}, "--reporter junitt: 'junitt' is none: expected table, json, junit, github, sarif, markdown, html"],
    ['table,', {}, "--reporter table,: '' is none: expected table,"],
    ['junit=', {}, '--reporter junit=: junit= needs a file, or - for standard output'],
    ['toString', {}, "'toString' is none"],
    ['table,json=-', {}, 'all would be printed, and json must be alone there; give it a file: json=FILE'],
    ['json=-,sarif=-', {}, 'json must be alone there'],
    ['table', { json: true }, '--json with --reporter table: both would be printed'],
    ['json=x,junit=./x', {}, 'two would be written to'],
    ['html=/nonexistent/x', {}, "--reporter html=/nonexistent/x: can't be written to: ENOENT"],
    ['html=/proc/x', {}, "--reporter html=/proc/x: can't be written to: E"],
    ['html=/', {}, '--reporter html=/: that is a directory; name a file'],
  ])('but not %s, with %j', (text, also, message) => {
    expect(() => asked(text, also)).toThrow(message);
  });

  test('what the configuration says wrongly is told as such', () => {
    expect(() => requestsOf({ configured: 'junitt' })).toThrow("reporter: 'junitt': 'junitt' is none");
  });
});

describe('renderReports', () => {
  test('prints some, and writes the others where they usually go', () => {
    render('table,github,json,junit,sarif,markdown,html');
    expect(readdirSync(dir).sort()).toEqual(['junit.xml', 'report.html', 'report.md', 'results.json', 'results.sarif']);
    expect(printed).toContain('│ ledger');
    expect(printed).toContain('::error title=ledger/rewrite');
    expect(printed).toContain(`junit: ${join(dir, 'junit.xml')}\n`);
    expect(said).toBe('');
  });

  test('prints nothing but what must be alone, and says elsewhere what it has written', () => {
    render('json=-,junit=DIR/x.xml', { ...reportOf(), faults: faultsOf() });
    expect(objections('results', JSON.parse(printed))).toEqual([]);
    expect(said).toBe(`junit: ${join(dir, 'x.xml')}\n`);
  });

  test('a part does not take the place of a whole', () => {
    const whole = reportOf();
    render('json,junit,html', whole);
    const before = readFileSync(join(dir, 'junit.xml'), 'utf8');
    render('json,junit,html', { ...whole, results: { ...whole.results, interrupted: true, durationMs: 1 } });
    expect(readFileSync(join(dir, 'junit.xml'), 'utf8')).toBe(before);
    expect(
      readdirSync(dir)
        .filter((name) => name.includes('.partial.'))
        .sort(),
    ).toEqual(['junit.partial.xml', 'report.partial.html', 'results.partial.json']);
  });

  test('what can not be written keeps nothing else from being written, and leaves nothing behind', () => {
    mkdirSync(join(dir, 'junit.xml'));
    expect(() => render('junit,html')).toThrow(/EISDIR|EEXIST|ENOTEMPTY|EPERM/);
    expect(readdirSync(dir).sort()).toEqual(['junit.xml', 'report.html']);
  });

  test('a link and a device stay what they are', () => {
    writeFileSync(join(dir, 'real'), 'before');
    symlinkSync('real', join(dir, 'link'));
    render('junit=DIR/link,sarif=/dev/null');
    expect(readFileSync(join(dir, 'real'), 'utf8')).toContain('<testsuites');
    expect(readdirSync(dir).sort()).toEqual(['link', 'real']);
    expect(readFileSync('/dev/null', 'utf8')).toBe('');
  });

  test('in a log of GitHub Actions nothing in a table is a command, and what is meant as one is', () => {
    vi.stubEnv('GITHUB_ACTIONS', 'true');
    render('table,github');
    expect(printed).toMatch(/^::stop-commands::(\S+)\n┌[\s\S]*\n::\1::\n::error title=ledger/);
  });

  test('github adds to the summary of the step', () => {
    const summary = join(dir, 'summary');
    writeFileSync(summary, 'what another command said\n');
    vi.stubEnv('GITHUB_STEP_SUMMARY', summary);
    render('github');
    expect(readFileSync(summary, 'utf8')).toMatch(/^what another command said\n\n### ✗ collide: 3 problems/);
  });

  test('a summary that can not be added to loses no other report', () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(dir, 'none', 'summary'));
    expect(() => render('github,junit')).toThrow('ENOENT');
    expect(existsSync(join(dir, 'junit.xml'))).toBe(true);
    expect(printed).toContain('::error');
  });
});

describe('a summary', () => {
  const long = `### x\n\n<details><summary>all</summary>\n\n\`\`\`\`text\n${'```\na line é\n'.repeat(90_000)}\`\`\`\`\n\n</details>\n`;

  test('that is too long is cut between lines, and closed', () => {
    const cut = fitted(long, 1_000);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(2 ** 20 - 1_000);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(2 ** 20 - 1_500);
    expect(cut).toMatch(/\n````\n\n<\/details>\n\n… The rest is too long for this summary\.\n$/);
  });

  test('is left out where there is no room at all, and whole where there is', () => {
    expect(fitted(long, 2 ** 20)).toBe('');
    expect(fitted('### x\n', 2 ** 20 - 7)).toBe('\n### x\n');
  });
});

test('collide report tells of stored results again, and of the faults beside them', async () => {
  const stored = join(dir, 'stored');
  mkdirSync(stored);
  const { results } = reportOf();
  writeFileSync(join(stored, 'results.json'), JSON.stringify(results));
  writeFileSync(join(stored, 'faults.json'), JSON.stringify(faultsOf()));
  vi.restoreAllMocks();
  const args = ['report', '--in', 'stored/results.json', '--reporter', 'json=-,html'];
  const { code, stdout, stderr } = await start(args, { cwd: dir, temporary: dir }).ended;
  expect([code, stderr]).toEqual([0, 'html: stored/report.html\n']);
  expect(JSON.parse(stdout)).toEqual({
    ...results,
    verdicts: levelled(results.verdicts, 0.05),
    underFaults: faultsOf(),
  });
  writeFileSync(join(dir, 'old.json'), '{"format":"something-else"}');
  await expect(report({ in: join(dir, 'old.json') })).rejects.toThrow(
    /^--in .*old\.json has format "something-else", expected 'collide-results-2'/,
  );
});

test.skipIf(process.getuid?.() === 0)('a file that may not be written is known before any work is done', () => {
  const file = join(dir, 'mine.xml');
  writeFileSync(file, '');
  chmodSync(file, 0o444);
  expect(() => asked(`junit=${file}`)).toThrow("can't be written to: EACCES");
});
