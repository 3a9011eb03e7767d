/** Every format: it says what is wrong, is what its readers take, and holds whatever files hold. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { ParseOption, type XmlAttribute, XmlDocument, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { githubReport } from '../../harness/report/github.ts';
import { jsonReport } from '../../harness/report/json.ts';
import { junitReport } from '../../harness/report/junit.ts';
import { markdownReport } from '../../harness/report/markdown-report.ts';
import { code } from '../../harness/report/markdown-safe.ts';
import type { Report } from '../../harness/report/report.ts';
import { reporters } from '../../harness/report/reporters.ts';
import { sarifReport } from '../../harness/report/sarif.ts';
import { fingerprintOf } from '../../harness/verdict/fingerprint.ts';
import { HOSTILE } from '../support/hostile.ts';
import { comparisonOf, faultsOf, lostUpdate, reportOf } from '../support/report.ts';
import { objections } from '../support/schemas.ts';
import { colliding, results, verdict } from '../support/verdict.ts';

const schemas = join(import.meta.dirname, 'schemas');

const whole = (text?: string): Report => ({ ...reportOf(text), faults: faultsOf(text) });

/** All as it should be. */
const fine: Report = { ...reportOf(), results: results([verdict(), colliding({ TORN_LINES: 2 })]) };

const any = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(HOSTILE), fc.string({ unit: 'grapheme' }));

const held = { numRuns: 15 };

const schema = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(schemas, 'jenkins-junit.xsd'))));

/** The document, for which its schema holds. */
function parsedXml(text: string): XmlDocument {
  const document = XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NONET });
  schema.validate(document);
  return document;
}

describe('junit', () => {
  test('has a case for each row and cell; what is known to collide has passed', () => {
    expect(junitReport(whole())).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="collide" tests="10" failures="3" errors="1" time="12.345">
        <testsuite name="ledger" tests="3" failures="1" errors="0" skipped="0">
          <testcase classname="collide.ledger" name="flock">
            <system-out>SAFE: 0 of 400 rounds, p &lt; 0.75 %</system-out>
          </testcase>
          <testcase classname="collide.ledger" name="known">
            <system-out>LAST_WRITER_WINS: 6 interleavings
      acknowledged, then overwritten: too few rounds
      collide replay ledger/rewrite:2:0@write:state.json,1</system-out>
          </testcase>
          <testcase classname="collide.ledger" name="rewrite">
            <failure type="LAST_WRITER_WINS" message="the truth says SAFE: too few rounds">the truth says SAFE: too few rounds

      ledger/rewrite: LAST_WRITER_WINS, an acknowledged update is missing from a well-formed final state
      a ledger. Every writer: rewrite it
      acknowledged, then overwritten: too few rounds

      ┌───┬────────────────────────┬──────────────────────┐
      │   │ session 0              │ session 1            │
      ├───┼────────────────────────┼──────────────────────┤
      │ 1 │ read state.json: {}    │                      │
      │ 2 │                        │ read state.json: {}  │
      │ 3 │                        │ write too few rounds │
      │ 4 │ ◆ write too few rounds │                      │
      │   │ → ok                   │                      │
      │   │                        │ → ok                 │
      └───┴────────────────────────┴──────────────────────┘

      Expected: every acknowledged update survives.
      Actual: acknowledged, then overwritten: too few rounds.
      Left behind: state.json = too few rounds

      Session 1's \`write state.json\` (step 3) came before session 0's \`write state.json\` (step 4). The other way round, the
      finding is gone.

      Replay it: collide replay ledger/rewrite:2:0@write:state.json,1</failure>
            <system-out>LAST_WRITER_WINS: 6 interleavings
      acknowledged, then overwritten: too few rounds
      collide replay ledger/rewrite:2:0@write:state.json,1</system-out>
          </testcase>
        </testsuite>
        <testsuite name="token" tests="3" failures="1" errors="1" skipped="1">
          <testcase classname="collide.token" name="rm">
            <failure type="not provoked (STUCK)" message="all interleavings were tried">all interleavings were tried</failure>
            <system-out>not provoked (STUCK): 0 of 400 rounds, p &lt; 0.75 %</system-out>
          </testcase>
          <testcase classname="collide.token" name="mv">
            <error type="INCONCLUSIVE" message="too few rounds">too few rounds</error>
            <system-out>INCONCLUSIVE</system-out>
          </testcase>
          <testcase classname="collide.token" name="jq">
            <skipped>needs jq</skipped>
            <system-out>SKIPPED</system-out>
          </testcase>
        </testsuite>
        <testsuite name="ledger under faults" tests="4" failures="1" errors="0" skipped="1">
          <testcase classname="collide.ledger.faults" name="flock, crash">
            <system-out>SAFE 13·2: it holds</system-out>
          </testcase>
          <testcase classname="collide.ledger.faults" name="flock, full">
            <system-out>LOST_ON_CRASH: known
      collide replay ledger/rewrite:2:0@write:state.json,1</system-out>
          </testcase>
          <testcase classname="collide.ledger.faults" name="flock, stall">
            <failure type="LOST_ON_CRASH" message="it is lost">it is lost

      ledger/rewrite: LOST_ON_CRASH, acknowledged data is missing after a crash or power loss
      a ledger. Every writer: rewrite it
      acknowledged, then overwritten: {"n":1}

      ┌───┬─────────────────────┬─────────────────────┐
      │   │ session 0           │ session 1           │
      ├───┼─────────────────────┼─────────────────────┤
      │ 1 │ read state.json: {} │                     │
      │ 2 │                     │ read state.json: {} │
      │ 3 │                     │ write {"n":1}       │
      │ 4 │ ◆ write {"n":1}     │                     │
      │   │ → ok                │                     │
      │   │                     │ → ok                │
      └───┴─────────────────────┴─────────────────────┘

      Expected: what was acknowledged is still there after a crash.
      Actual: acknowledged, then overwritten: {"n":1}.
      Left behind: state.json = {"n":1}

      Session 1's \`write state.json\` (step 3) came before session 0's \`write state.json\` (step 4). The other way round, the
      finding is gone.

      Replay it: collide replay ledger/rewrite:2:0@write:state.json,1</failure>
            <system-out>LOST_ON_CRASH: it is lost
      collide replay ledger/rewrite:2:0@write:state.json,1</system-out>
          </testcase>
          <testcase classname="collide.ledger.faults" name="flock, pids">
            <skipped>nothing can happen</skipped>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  test('is valid by the schema of Jenkins, and counts what it has', () => {
    const document = parsedXml(junitReport(whole()));
    const count = (path: string): number => document.find(path).length;
    const attribute = (name: string): number => Number(document.root.attr(name)!.value);
    expect([count('//testcase'), count('//failure'), count('//error'), count('//skipped')]).toEqual([10, 3, 1, 2]);
    expect([attribute('tests'), attribute('failures'), attribute('errors')]).toEqual([10, 3, 1]);
    document.dispose();
  });

  test('holds any text, and gives back what XML can hold', () => {
    fc.assert(
      fc.property(any, (text) => {
        const document = parsedXml(junitReport(whole(text)));
        const [error] = document.find('//error');
        const kept = text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '');
        const read = (error as { readonly content: string }).content.replaceAll(/\\u\{[0-9a-f]+\}/g, '');
        if (text !== '') expect(read).toBe(kept.replaceAll(/\\u\{[0-9a-f]+\}/g, ''));
        document.dispose();
      }),
      held,
    );
  });

  test('with a baseline, its changes decide, and those of rows that are gone are cases', () => {
    const comparison = comparisonOf([
      { kind: 'worse', row: 'ledger/known', message: 'a new race', fails: true },
      { kind: 'better', row: 'ledger/rewrite', message: 'gone', fails: false },
      { kind: 'vanished', row: 'old/row', message: 'there is no such row', fails: true },
    ]);
    const document = parsedXml(junitReport({ ...reportOf(), comparison }));
    const failed = document.find('//testcase[failure or error]/@name').map((node) => (node as XmlAttribute).value);
    expect(failed).toEqual(['known', 'old/row']);
    document.dispose();
  });

  test('a run that was broken off has an error', () => {
    const report = { ...fine, results: { ...fine.results, broken: 'the disk is full' } };
    expect(junitReport(report)).toContain('<error type="broken off" message="the disk is full">');
  });
});

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly baselineState?: string;
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly [{ readonly physicalLocation: Readonly<Record<string, unknown>> }];
  readonly codeFlows?: readonly {
    readonly threadFlows: readonly {
      readonly id: string;
      readonly locations: readonly { readonly executionOrder: number; readonly importance: string }[];
    }[];
  }[];
}

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly SarifResult[];
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly object[] },
      ];
    },
  ];
}

// Its patterns are not all regular expressions of Unicode.
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
(formats as unknown as (ajv: Ajv) => void)(ajv);
const isSarif = ajv.compile(JSON.parse(readFileSync(join(schemas, 'sarif-schema-2.1.0.json'), 'utf8')) as object);

/** The only run of a log, for which the schema holds. */
function sarifOf(report: Report): Log['runs'][0] {
  const log = JSON.parse(sarifReport(report)) as Log;
  expect(isSarif(log) ? [] : isSarif.errors).toEqual([]);
  return log.runs[0];
}

describe('sarif', () => {
  test('is valid; what is wrong is an error, what is known a note, and what is SAFE no result', () => {
    const { results } = sarifOf(whole());
    expect(results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
      'note LAST_WRITER_WINS',
      'error LAST_WRITER_WINS',
      'error NOT_PROVOKED',
      'error INCONCLUSIVE',
      'note LOST_ON_CRASH',
      'error LOST_ON_CRASH',
    ]);
  });

  test('names its rules, and which of them a result is of', () => {
    const { tool, results } = sarifOf(whole());
    expect(results.map(({ ruleIndex }) => tool.driver.rules[ruleIndex]!.id)).toEqual(
      results.map(({ ruleId }) => ruleId),
    );
  });

  test('has the interleaving: a flow for each session, in one order, with the steps that decide', () => {
    const [known] = sarifOf(whole()).results;
    const [flow] = known!.codeFlows!;
    const steps = flow!.threadFlows.map(({ id, locations }) => [
      id,
      locations.map(({ executionOrder, importance }) => `${executionOrder} ${importance}`),
    ]);
    expect(steps).toEqual([
      ['s0', ['1 unimportant', '4 essential']],
      ['s1', ['2 unimportant', '3 essential']],
    ]);
  });

  test('knows a race from run to run, and from every other', () => {
    const report = whole();
    const { results } = sarifOf(report);
    const hashes = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(new Set(hashes).size).toBe(results.length);
    const [, second] = report.results.verdicts;
    expect(results[0]!.partialFingerprints['race/v1']).toBe(fingerprintOf(second!, second!.findings[0]!));
  });

  test('points at the line where a target is written down; else at the file that sessions met at', () => {
    const places = { ledger: { path: 'ci/collide config.ts', line: 7 } };
    expect(sarifOf({ ...whole(), places }).results[0]!.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'ci/collide%20config.ts', uriBaseId: '%SRCROOT%' },
      region: { startLine: 7 },
    });
    expect(sarifOf(whole()).results[0]!.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'state.json', uriBaseId: '%RESOURCE%' },
    });
  });

  test('with a baseline, only what fails is an error', () => {
    const report = reportOf();
    const [, known] = report.results.verdicts;
    const race = fingerprintOf(known!, known!.findings[0]!);
    const changes = [
      { kind: 'worse', row: 'ledger/known', message: 'new', fingerprint: race, fails: true },
      { kind: 'weaker', row: 'ledger/flock', message: 'less', fails: true },
      { kind: 'vanished', row: 'old/row', message: 'gone', fails: true },
    ] as const;
    const { results } = sarifOf({ ...report, comparison: comparisonOf(changes) });
    expect(results.map(({ level, ruleId, baselineState }) => `${level} ${ruleId} ${baselineState}`)).toEqual([
      'error baseline/weaker new',
      'error LAST_WRITER_WINS new',
      'note LAST_WRITER_WINS unchanged',
      'error baseline/vanished new',
    ]);
  });

  test('says what could not be done, and that a run was broken off', () => {
    const { invocations } = sarifOf({ ...reportOf(), results: { ...reportOf().results, broken: 'full' } });
    const [{ executionSuccessful, toolExecutionNotifications }] = invocations;
    expect(executionSuccessful).toBe(false);
    expect(toolExecutionNotifications).toHaveLength(2);
  });

  test('holds any text, in names of files too', () => {
    fc.assert(
      fc.property(any, (text) => {
        const report = whole(text);
        const { critical: _, ...finding } = lostUpdate(text);
        const witness = { ...finding.witness, final: { [text]: text } };
        const odd = colliding({ LAST_WRITER_WINS: 1 }, { findings: [{ ...finding, witness }] });
        sarifOf({ ...report, results: results([...report.results.verdicts, odd]) });
      }),
      held,
    );
  });
});

describe('github', () => {
  test('says nothing where nothing needs attention', () => {
    expect(githubReport(fine)).toBe('');
  });

  test('has a line for each thing that needs it', () => {
    const places = { ledger: { path: 'collide.config.ts', line: 7 } };
    expect(githubReport({ ...whole(), places })).toMatchInlineSnapshot(`
      "::error file=collide.config.ts,line=7,title=ledger/rewrite%3A LAST_WRITER_WINS::the truth says SAFE: too few rounds%0ALAST_WRITER_WINS: acknowledged, then overwritten: too few rounds%0ASession 1's \`write state.json\` (step 3) came before session 0's \`write state.json\` (step 4). The other way round, the finding is gone.%0Acollide replay ledger/rewrite:2:0@write:state.json,1
      ::error title=token/rm%3A not provoked (STUCK)::all interleavings were tried
      ::error title=token/mv%3A INCONCLUSIVE::too few rounds
      ::error file=collide.config.ts,line=7,title=ledger/flock%2C stall%3A LOST_ON_CRASH::it is lost%0Acollide replay ledger/rewrite:2:0@write:state.json,1
      ::notice title=collide%3A SKIPPED::token/jq: needs jq
      "
    `);
  });

  test('whatever files hold, every line is a command of its own, and no text ends a property', () => {
    fc.assert(
      fc.property(any, (text) => {
        const places = { ledger: { path: text, line: 1 } };
        const lines = githubReport({ ...whole(text), places })
          .trimEnd()
          .split('\n');
        expect(lines).toHaveLength(5);
        for (const line of lines) {
          expect(line).toMatch(/^::(error|notice) (file=[^:,\r]*,line=\d+,)?title=[^:,\r]*::[^\r]*$/);
        }
      }),
      held,
    );
  });

  test('shows ten of a kind, as GitHub does, and the last one says how many more there are', () => {
    const many = (count: number): Report => ({
      results: results(
        Array.from({ length: count }, (_, at) =>
          colliding({ STUCK: 1 }, { target: `t${at}`, asExpected: false, reason: 'new' }),
        ),
      ),
      scenarios: [],
    });
    expect(githubReport(many(10)).match(/^::error/gm)).toHaveLength(10);
    const lines = githubReport(many(25)).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[9]).toContain('::error title=collide%3A 16 more::');
  });
});

describe('markdown', () => {
  test('says what is wrong first, and folds away the rest', () => {
    expect(markdownReport(whole())).toMatchInlineSnapshot(`
      "### ✗ collide: 4 problems in 6 rows and 4 cells under faults

      | row |  | why |
      | --- | --- | --- |
      | <code>ledger/rewrite</code> | <code>LAST_WRITER_WINS</code> | <code>the truth says SAFE: too few rounds</code><br><code>LAST_WRITER_WINS: acknowledged, then overwritten: too few rounds</code><br><code>Session 1&#39;s &#96;write state.json&#96; &#40;step 3&#41; came before session 0&#39;s &#96;write state.json&#96; &#40;step 4&#41;. The other way round, the finding is gone.</code> |
      | <code>token/rm</code> | <code>not provoked &#40;STUCK&#41;</code> | <code>all interleavings were tried</code> |
      | <code>token/mv</code> | <code>INCONCLUSIVE</code> | <code>too few rounds</code> |
      | <code>ledger/flock, stall</code> | <code>LOST_ON_CRASH</code> | <code>it is lost</code> |

      <details><summary><code>ledger/rewrite: LAST_WRITER_WINS, step by step</code></summary>

      \`\`\`text
      ledger/rewrite: LAST_WRITER_WINS, an acknowledged update is missing from a well-formed final state
      a ledger. Every writer: rewrite it
      acknowledged, then overwritten: too few rounds

      ┌───┬────────────────────────┬──────────────────────┐
      │   │ session 0              │ session 1            │
      ├───┼────────────────────────┼──────────────────────┤
      │ 1 │ read state.json: {}    │                      │
      │ 2 │                        │ read state.json: {}  │
      │ 3 │                        │ write too few rounds │
      │ 4 │ ◆ write too few rounds │                      │
      │   │ → ok                   │                      │
      │   │                        │ → ok                 │
      └───┴────────────────────────┴──────────────────────┘

      Expected: every acknowledged update survives.
      Actual: acknowledged, then overwritten: too few rounds.
      Left behind: state.json = too few rounds

      Session 1's \`write state.json\` (step 3) came before session 0's \`write state.json\` (step 4). The other way
      round, the finding is gone.

      Replay it: collide replay ledger/rewrite:2:0@write:state.json,1
      \`\`\`

      </details>

      <details><summary><code>ledger/flock, stall: LOST_ON_CRASH, step by step</code></summary>

      \`\`\`text
      ledger/rewrite: LOST_ON_CRASH, acknowledged data is missing after a crash or power loss
      a ledger. Every writer: rewrite it
      acknowledged, then overwritten: {"n":1}

      ┌───┬─────────────────────┬─────────────────────┐
      │   │ session 0           │ session 1           │
      ├───┼─────────────────────┼─────────────────────┤
      │ 1 │ read state.json: {} │                     │
      │ 2 │                     │ read state.json: {} │
      │ 3 │                     │ write {"n":1}       │
      │ 4 │ ◆ write {"n":1}     │                     │
      │   │ → ok                │                     │
      │   │                     │ → ok                │
      └───┴─────────────────────┴─────────────────────┘

      Expected: what was acknowledged is still there after a crash.
      Actual: acknowledged, then overwritten: {"n":1}.
      Left behind: state.json = {"n":1}

      Session 1's \`write state.json\` (step 3) came before session 0's \`write state.json\` (step 4). The other way
      round, the finding is gone.

      Replay it: collide replay ledger/rewrite:2:0@write:state.json,1
      \`\`\`

      </details>

      To see them again:

      \`\`\`sh
      collide replay ledger/rewrite:2:0@write:state.json,1
      collide replay ledger/rewrite:2:0@write:state.json,1
      \`\`\`

      <details><summary><code>Besides</code></summary>

      | row |  | why |
      | --- | --- | --- |
      | <code>collide</code> | <code>SKIPPED</code> | <code>token/jq: needs jq</code> |

      </details>

      <details><summary><code>6 rows</code></summary>

      |  | row |  | verdict | strength | what was lost |
      | --- | --- | --- | --- | --- | --- |
      |  | <code>ledger/flock</code> | P1 | <code>SAFE</code> | <code>0 of 400 rounds, p &#60; 0.75 %</code> |  |
      |  | <code>ledger/known</code> | P1 | <code>LAST_WRITER_WINS</code> | <code>6 interleavings</code> | <code>acknowledged, then overwritten: too few rounds</code> |
      | ✗ | <code>ledger/rewrite</code> | P1 | <code>LAST_WRITER_WINS</code> | <code>6 interleavings</code> | <code>acknowledged, then overwritten: too few rounds</code> |
      | ✗ | <code>token/rm</code> | P1 | <code>not provoked &#40;STUCK&#41;</code> | <code>0 of 400 rounds, p &#60; 0.75 %</code> |  |
      | ✗ | <code>token/mv</code> | P1 | <code>INCONCLUSIVE</code> |  |  |
      | – | <code>token/jq</code> | P1 | <code>SKIPPED</code> |  |  |

      </details>

      <details><summary><code>4 cells under faults</code></summary>

      |  | strategy | under faults |
      | --- | --- | --- |
      | ✗ | <code>ledger/flock</code> | crash: <code>SAFE 13·2</code><br>full: <code>LOST_ON_CRASH</code><br>✗ stall: <code>LOST_ON_CRASH</code><br>– pids: <code>–</code> |

      </details>

      800 rounds stormed in 12.3 s, up to 4 writers, seed 1, on <code>linux 6.18, 2 cores</code>.

      "
    `);
  });

  test('says in a line that all is as it should be', () => {
    expect(markdownReport(fine).split('\n')[0]).toBe('### ✓ collide: 2 rows as expected');
  });

  test('code holds any text: a cell of a table that stays one, and nothing that is taken for Markdown', () => {
    fc.assert(
      fc.property(any, (text) => {
        const inside = code(text).replaceAll(/<\/?code>|<br>/g, '');
        expect(inside.replaceAll(/&#\d+;/g, '')).not.toMatch(/[&<>|`\\*[\]@\p{Cc}]/u);
      }),
    );
  });

  test('tables and fences hold, whatever files hold', () => {
    fc.assert(
      fc.property(any, (text) => {
        const lines = markdownReport(whole(text)).split('\n');
        let fence: string | undefined;
        for (const line of lines) {
          if (fence === undefined) fence = /^`{3,}/.exec(line)?.[0];
          else if (line === fence) fence = undefined;
          else continue;
          if (line.startsWith('|')) expect(line).toMatch(/^\|([^|]*\|){3,6}$/);
        }
        expect(fence).toBeUndefined();
        expect(lines.filter((line) => line.startsWith('<details>')).length).toBe(
          lines.filter((line) => line === '</details>').length,
        );
      }),
      held,
    );
  });
});

test('json has what was found besides, and conforms to its schema', () => {
  const comparison = comparisonOf([{ kind: 'worse', row: 'ledger/known', message: 'a new race', fails: true }]);
  const told = JSON.parse(jsonReport({ ...whole(), comparison })) as object;
  expect(told).toMatchObject({ underFaults: { format: 'collide-faults-1' }, comparison });
  expect(objections('results', told)).toEqual([]);
});

test('the table has faults and changes below it', () => {
  const comparison = comparisonOf([{ kind: 'worse', row: 'ledger/known', message: 'a new race', fails: true }]);
  const text = reporters.table({ ...whole(), comparison });
  expect(text).toContain('Against collide.baseline.json: 6 rows compared, 1 change, 1 of which fail.');
  expect(text).toContain('✗ ledger/known: worse: a new race');
  expect(text).toContain('LOST_ ON_CRASH');
});

test.each(Object.entries(reporters))(
  '%s tells of no rows, and of targets that are not there any more',
  (_, reporter) => {
    expect(typeof reporter({ results: results([]), scenarios: [] })).toBe('string');
    expect(typeof reporter({ ...whole(), scenarios: [] })).toBe('string');
  },
);
