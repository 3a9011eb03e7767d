/** Targets × classes: a row for each strategy, a column for each class that was found. */

import { type CollisionClass, collisionClasses } from '../../oracle/finding.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { rowName } from '../../verdict/fingerprint.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { Report } from '../report.ts';
import { amount, evidenceWords, lossWords, modeWords, verdictWords } from '../words.ts';
import { html, type Markup, prose } from './markup.ts';
import { classesIn, findingId, isUnexpected } from './rows.ts';

export function overview({ results: { verdicts }, scenarios }: Report): Markup {
  const classes = classesIn(verdicts.map(({ classes, notProvoked }) => ({ classes: [...classes, ...notProvoked] })));
  const targets = [...Map.groupBy(verdicts, ({ target }) => target)];
  return html`<table class="matrix" id="overview">
<caption class="sr">Every strategy of every target: its verdict, the classes that were found, and what the verdict rests on</caption>
<thead><tr><th scope="col" class="strategy">Strategy</th>${classes.map(
    (kind) => html`<th scope="col" class="class"><span title="${collisionClasses[kind]}">${kind}</span></th>`,
  )}<th scope="col" class="verdict">Verdict</th><th scope="col" class="strength">Strength</th><th scope="col" class="lost">What was lost, and why there is no verdict</th></tr></thead>
${targets.map(([target, rows]) =>
  group(
    scenarios.find(({ id }) => id === target),
    rows,
    classes,
  ),
)}</table>`;
}

function group(
  scenario: Scenario | undefined,
  verdicts: readonly Verdict[],
  classes: readonly CollisionClass[],
): Markup {
  const [{ target, priority }] = verdicts as [Verdict];
  return html`<tbody>
<tr class="target"><th scope="rowgroup" colspan="${classes.length + 4}"><span class="name">${target}</span> <span class="priority">${priority}</span> <span class="resource">${prose(scenario?.resource)}</span></th></tr>
${verdicts.map((verdict) => row(scenario, verdict, classes))}</tbody>
`;
}

function row(scenario: Scenario | undefined, verdict: Verdict, classes: readonly CollisionClass[]): Markup {
  const { target, strategy, mode, status, priority, reason } = verdict;
  const unexpected = isUnexpected(verdict);
  const said = [...verdict.classes, ...verdict.notProvoked];
  const search = [
    rowName(verdict),
    target,
    strategy,
    mode,
    scenario?.resource,
    scenario?.strategies[strategy]?.does,
    status,
    reason,
    ...said,
  ]
    .join(' ')
    .toLowerCase();
  const strength = evidenceWords(verdict);
  const notes = [lossWords(verdict), shortened(explained(verdict))].filter(Boolean).join('. ');
  return html`<tr class="row${unexpected && ' unexpected'}" data-search="${search}" data-classes="${said.join(' ')}" data-status="${status}" data-priority="${priority}"${unexpected && html` data-unexpected`}><th scope="row" class="strategy">${strategy}${modeWords[mode]}</th>${classes.map(
    (kind) => cell(verdict, kind),
  )}<td class="verdict ${status}">${unexpected && html`<b class="cross">✗ <span class="sr">not as expected: </span></b>`}${statusWords(verdict)}</td><td class="strength">${strength}</td><td class="lost">${notes}</td></tr>
`;
}

const REASON_CHARS = 140;

/** What is cut here stands below in full. */
const shortened = (reason = ''): string =>
  reason.length <= REASON_CHARS ? reason : `${reason.slice(0, reason.lastIndexOf(' ', REASON_CHARS))} …`;

/** Why there is no verdict: many rows may lack the same thing. */
export function reasons({ results: { verdicts } }: Report): Markup | undefined {
  const without = verdicts.filter(
    ({ status, reason }) => status !== 'SAFE' && status !== 'COLLIDES' && reason !== undefined,
  );
  if (without.length === 0) return undefined;
  const groups = [...Map.groupBy(without, ({ status, reason }) => `${status}: ${reason}`)];
  return html`<details class="reasons"><summary>Why ${amount(without.length, 'row')} ${without.length === 1 ? 'has' : 'have'} no verdict</summary><dl>${groups.map(
    ([why, rows]) => html`<div><dt>${why}</dt><dd>${rows.map(rowName).join(', ')}</dd></div>`,
  )}</dl></details>`;
}

/** The marks are not told apart by colour. */
function cell(verdict: Verdict, kind: CollisionClass): Markup {
  const finding = verdict.findings.find((each) => each.class === kind);
  if (finding !== undefined) {
    const link = new URLSearchParams({ finding: findingId(verdict, finding) }).toString();
    return html`<td class="class"><a href="#${link}"><i aria-hidden="true">●</i><span>${kind}</span></a></td>`;
  }
  if (!verdict.notProvoked.includes(kind)) return html`<td class="class"></td>`;
  return html`<td class="class"><i aria-hidden="true">○</i><span>${kind} not found</span></td>`;
}

const statusWords = (verdict: Verdict): string => {
  switch (verdict.status) {
    case 'COLLIDES':
      return 'collides';
    case 'NOT_PROVOKED':
      return 'not provoked';
    default:
      return verdictWords(verdict);
  }
};

/** What was lost is why it collides; of anything else, the reason. */
function explained({ status, reason, notProvoked, asExpected }: Verdict): string | undefined {
  if (status !== 'COLLIDES' || !asExpected) return reason;
  return notProvoked.length === 0 ? undefined : `${notProvoked.join(' + ')} not found`;
}
