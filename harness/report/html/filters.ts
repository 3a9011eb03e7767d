/** What narrows the overview down. What is chosen is kept in the address of the page. */

import { priorities } from '../../scenario/scenario.ts';
import type { FaultResults } from '../fault-results.ts';
import type { Results } from '../results.ts';
import { html, type Markup } from './markup.ts';
import { classesIn } from './rows.ts';

export function filters({ verdicts }: Results, faults: FaultResults | undefined): Markup {
  const cells = faults?.faults ?? [];
  const classes = classesIn([...verdicts, ...cells]);
  const statuses = [...new Set([...verdicts, ...cells].map(({ status }) => status))].sort();
  const present = Object.keys(priorities).filter((priority) =>
    verdicts.some((verdict) => verdict.priority === priority),
  );
  return html`<form id="filters" role="search" aria-label="Filter the rows" hidden>
<label><span>Search</span> <input type="search" name="q" autocomplete="off" spellcheck="false" placeholder="target, strategy, words"></label>
${choice('class', 'Class', classes)}
${choice('status', 'Status', statuses)}
${choice('priority', 'Priority', present)}
<label class="check"><input type="checkbox" name="unexpected" value="1"> <span>only unexpected</span></label>
<output id="shown" aria-live="polite"></output>
<button type="reset">Clear</button>
</form>`;
}

const choice = (name: string, title: string, values: readonly string[]): Markup =>
  html`<label><span>${title}</span> <select name="${name}"><option value="">any</option>${values.map(
    (value) => html`<option>${value}</option>`,
  )}</select></label>`;
