/** Strategies × kinds of fault. */

import { type FaultKind, faultKinds } from '../../scenario/faults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { FaultVerdict } from '../../verdict/fault-verdict.ts';
import type { FaultResults } from '../fault-results.ts';
import { cellWords } from '../matrix.ts';
import { amount, durationWords, number } from '../words.ts';
import { html, type Markup, prose } from './markup.ts';
import { faultFindingId } from './rows.ts';

export function faultOverview(
  { faults, options, points, executions, durationMs, interrupted }: FaultResults,
  scenarios: readonly Scenario[],
): Markup {
  const { kinds } = options;
  const rows = [...Map.groupBy(faults, ({ target, strategy }) => `${target}/${strategy}`).values()];
  const targets = [...Map.groupBy(rows, ([first]) => first!.target)];
  return html`<section aria-labelledby="faults-title" id="under-faults">
<h2 id="faults-title">Under faults</h2>
<p class="about">${number(points)} different faults in ${amount(executions, 'execution')}, in ${durationWords(durationMs)}, seed ${options.seed}${interrupted && '; interrupted'}. <b>SAFE 13·2</b>: nothing came out of 13 different faults of this kind, each in every schedule with at most 2 preemptions; <b>13·alone</b>: with no other session beside; <b>13+</b>: there may be more than were tried; <b>–</b>: nothing of this kind can happen to it.</p>
<table class="faults" id="faults">
<caption class="sr">Every strategy under every kind of fault</caption>
<thead><tr><th scope="col" class="strategy">Strategy</th>${kinds.map(
    (kind) => html`<th scope="col"><span title="${faultKinds[kind]}">${kind}</span></th>`,
  )}</tr></thead>
${targets.map(([target, strategies]) =>
  group(
    strategies,
    kinds,
    scenarios.find(({ id }) => id === target),
  ),
)}</table>
${reasons(faults)}</section>`;
}

function group(
  strategies: readonly (readonly FaultVerdict[])[],
  kinds: readonly FaultKind[],
  scenario: Scenario | undefined,
): Markup {
  const [[{ target }]] = strategies as [[FaultVerdict]];
  return html`<tbody>
<tr class="target"><th scope="rowgroup" colspan="${kinds.length + 1}"><span class="name">${target}</span> <span class="priority">${scenario?.priority}</span> <span class="resource">${prose(scenario?.resource)}</span></th></tr>
${strategies.map((verdicts) => row(verdicts, kinds, scenario?.priority))}</tbody>
`;
}

function row(verdicts: readonly FaultVerdict[], kinds: readonly FaultKind[], priority = ''): Markup {
  const [{ target, strategy }] = verdicts as [FaultVerdict];
  const classes = verdicts.flatMap((verdict) => verdict.classes);
  const statuses = verdicts.map(({ status }) => status);
  const search = [target, strategy, 'faults', ...classes, ...statuses].join(' ').toLowerCase();
  const unexpected = verdicts.some(({ asExpected }) => !asExpected);
  return html`<tr class="row" data-search="${search}" data-classes="${classes.join(' ')}" data-status="${statuses.join(' ')}" data-priority="${priority}"${unexpected && html` data-unexpected`}><th scope="row" class="strategy">${strategy}</th>${kinds.map(
    (kind) =>
      cell(
        kind,
        verdicts.find((verdict) => verdict.kind === kind),
      ),
  )}</tr>
`;
}

function cell(kind: FaultKind, verdict: FaultVerdict | undefined): Markup {
  if (verdict === undefined) return html`<td></td>`;
  const links = verdict.findings.map((finding) => {
    const link = new URLSearchParams({ finding: faultFindingId(verdict, finding) }).toString();
    return html`<a href="#${link}"><i aria-hidden="true">●</i><span>${finding.class}</span></a>`;
  });
  const unseen = verdict.classes.filter((each) => !verdict.findings.some((finding) => finding.class === each));
  return html`<td class="${verdict.status}"><span class="kind" aria-hidden="true">${kind}</span><span class="said">${
    verdict.asExpected ? undefined : html`<b class="cross">✗ <span class="sr">not as expected: </span></b>`
  }${links.length > 0 ? [...links, unseen.join(' + ')] : cellWords(verdict)}</span></td>`;
}

/** Why there is no verdict: many cells may lack the same thing. */
function reasons(faults: readonly FaultVerdict[]): Markup | undefined {
  const without = faults.filter(({ status }) => ['NOT_PROVOKED', 'INCONCLUSIVE', 'SKIPPED'].includes(status));
  if (without.length === 0) return undefined;
  const groups = [...Map.groupBy(without, ({ status, why }) => `${status}: ${why}`)];
  return html`<details class="reasons"><summary>Why ${amount(without.length, 'cell')} ${without.length === 1 ? 'has' : 'have'} no verdict</summary><dl>${groups.map(
    ([why, cells]) =>
      html`<div><dt>${why}</dt><dd>${cells.map(({ target, strategy, kind }) => `${target}/${strategy} ${kind}`).join(', ')}</dd></div>`,
  )}</dl></details>`;
}
