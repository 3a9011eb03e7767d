/** What was run, what came of it in numbers, and what got worse. */

import { type Comparison, changeKinds } from '../../baseline/change.ts';
import type { Status, Verdict } from '../../verdict/verdict.ts';
import type { Report } from '../report.ts';
import { type Results, unexpectedOf } from '../results.ts';
import { byReplay, quoted } from '../timeline.ts';
import { amount, durationWords, effortWords, number } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { classesIn } from './rows.ts';

export function head({ results, faults, comparison }: Report): Markup {
  const { machine, options, verdicts } = results;
  const findings = verdicts.reduce((sum, verdict) => sum + verdict.findings.length, 0);
  const underFaults = (faults?.faults ?? []).reduce((sum, verdict) => sum + verdict.findings.length, 0);
  const run = effortWords(results) || 'nothing was run';
  return html`<section aria-labelledby="run-title" class="run">
<h2 id="run-title" class="sr">The run</h2>
<p class="command"><code>${commandOf(results)}</code></p>
<p class="facts">${run} in ${durationWords(results.durationMs)}, up to ${amount(options.writers, 'writer')}, seed ${options.seed}. ${machine.platform} ${machine.release}, ${amount(machine.cores, 'core')}, Node ${machine.node}.${
    results.sessionsReplaced > 0 && ` ${amount(results.sessionsReplaced, 'session')} died and were replaced.`
  }</p>
${results.noGate !== undefined && html`<p class="notice">Storm only: ${results.noGate}</p>`}${stopped(results)}
<p class="outcome">${outcome(results)} ${amount(findings, 'finding')}${underFaults > 0 && `, and ${number(underFaults)} under faults`}.</p>
<ul class="totals">${byStatus(verdicts)}</ul>
<ul class="totals">${byClass(verdicts)}</ul>
</section>
${comparison !== undefined && changes(comparison)}`;
}

function stopped({ interrupted, broken, verdicts }: Results): Markup | undefined {
  if (broken === undefined && !interrupted) return undefined;
  const why = broken === undefined ? 'Interrupted' : `Broken off (${broken})`;
  return html`<p class="notice">${why}: ${amount(verdicts.length, 'row')} were done; the others have no verdict.</p>`;
}

function outcome({ verdicts }: Results): Markup {
  const unexpected = unexpectedOf(verdicts).length;
  const ran = verdicts.filter(({ status }) => status !== 'SKIPPED').length;
  if (unexpected > 0) {
    return html`<b class="cross">✗ ${number(unexpected)} of ${amount(verdicts.length, 'row')} differ from their truth.</b>`;
  }
  if (ran === 0) return html`No row could be run.`;
  const rows = ran === verdicts.length ? amount(ran, 'row') : `${amount(ran, 'row')} that could be run`;
  return html`All ${rows} are as their truth says, as far as their strength goes.`;
}

const statusWords: readonly (readonly [Status, string])[] = [
  ['SAFE', 'SAFE'],
  ['COLLIDES', 'collide'],
  ['NOT_PROVOKED', 'not provoked'],
  ['INCONCLUSIVE', 'INCONCLUSIVE'],
  ['VACUOUS', 'VACUOUS'],
  ['BROKEN_ALONE', 'BROKEN_ALONE'],
  ['SKIPPED', 'SKIPPED'],
];

const total = (filter: Readonly<Record<string, string>>, count: number, words: string, kind: string): Markup =>
  html`<li class="${kind}"><a href="#${new URLSearchParams(filter).toString()}"><b>${number(count)}</b> ${words}</a></li>`;

const byStatus = (verdicts: readonly Verdict[]): readonly Markup[] =>
  statusWords.flatMap(([status, words]) => {
    const count = verdicts.filter((verdict) => verdict.status === status).length;
    return count === 0 ? [] : [total({ status }, count, words, status)];
  });

const byClass = (verdicts: readonly Verdict[]): readonly Markup[] =>
  classesIn(verdicts).map((kind) =>
    total({ class: kind }, verdicts.filter(({ classes }) => classes.includes(kind)).length, kind, 'class'),
  );

/** As it could have been typed. */
function commandOf({ options }: Results): string {
  const { engine, writers, targets, modes, topology, seed, rounds, budgetMs } = options;
  const modeFlags =
    topology !== undefined ? ['--topology', topology] : modes.includes('per-session') ? ['--per-session-mode'] : [];
  const words = [
    ...['--targets', targets.join(',')],
    ...['--writers', `${writers}`],
    ...['--engine', engine],
    ...modeFlags,
    ...['--seed', `${seed}`],
    ...(rounds === null ? ['--budget', `${budgetMs / 1000}s`] : ['--rounds', `${rounds}`]),
  ];
  return `collide run ${words.map(quoted).join(' ')}`;
}

const CHANGES_SHOWN = 100;

function changes({ baseline, rows, changes }: Comparison): Markup {
  const failing = changes.filter(({ fails }) => fails).length;
  const lead =
    changes.length === 0
      ? 'Nothing has changed.'
      : failing > 0
        ? `✗ ${amount(failing, 'change')} let${failing === 1 ? 's' : ''} the gate fail.`
        : 'Nothing lets the gate fail.';
  const shown = changes.slice(0, CHANGES_SHOWN);
  return html`<section aria-labelledby="changes-title" class="changes">
<h2 id="changes-title">Against the baseline</h2>
<p class="about">${lead} ${amount(rows, 'row')} compared with <code>${baseline}</code>.</p>
${
  shown.length > 0 &&
  html`<table class="list"><thead><tr><th scope="col">Change</th><th scope="col">Row</th><th scope="col">What was, what is</th></tr></thead><tbody>
${shown.map(
  ({ kind, row, message, fails, replay }) =>
    html`<tr><td class="${fails && 'cross'}"><span title="${changeKinds[kind]}">${fails && '✗ '}${kind}</span></td><th scope="row"><a href="#${new URLSearchParams({ q: row }).toString()}"><code>${row}</code></a></th><td>${message}${replay !== undefined && html`<br><code>${byReplay(quoted(replay))}</code>`}</td></tr>
`,
)}</tbody></table>`
}
${changes.length > shown.length && html`<p class="about">And ${amount(changes.length - shown.length, 'more change')}.</p>`}
</section>`;
}
