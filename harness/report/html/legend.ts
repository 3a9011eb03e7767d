/** How to read it. */

import { collisionClasses } from '../../oracle/finding.ts';
import { faultKinds } from '../../scenario/faults.ts';
import { priorities } from '../../scenario/scenario.ts';
import { html, type Markup } from './markup.ts';

const statuses: Readonly<Record<string, string>> = {
  SAFE: 'nothing was found in any interleaving, and nothing was left out',
  'SAFE (≤ 2 preemptions)':
    'nothing was found in any schedule with at most so many preemptions, and nothing was left out',
  'SAFE (sampled)':
    'nothing was found in so many rounds or drawn schedules that their 95 % bound of the rate of collisions is below what was asked for',
  collides: 'at least one class was found: each mark leads to the shortest execution that shows it',
  'not provoked': 'known to collide, but nothing that was tried shows it: not SAFE',
  VACUOUS: 'nothing was tested: the sessions never overlapped, or never touched what counts',
  BROKEN_ALONE: 'wrong with one session already: no race',
  INCONCLUSIVE: 'too little was shown, or the search broke off',
  SKIPPED: 'cannot be run on this machine',
};

const strengths: Readonly<Record<string, string>> = {
  'all 242 interleavings': 'every interleaving was tried, up to the order of steps that commute',
  '≤ 3 preemptions (1,204)': 'every interleaving with at most so many preemptions, so many different ones',
  '6 interleavings': 'some of them: a collision was found, the budget was used up, or something was left out',
  'left out: …': 'what the exploration did not look at, each kind with an example',
  'PCT d=3, 200 schedules, p ≥ 0.7 %':
    'drawn at random: a collision that takes 3 orderings of two steps would have been found with at least this probability',
  '59 random schedules of 5 sessions, p < 5 %':
    'drawn at random, where SAFE rests on that: with 95 % confidence, a smaller share of such schedules collides',
  '0 of 400 rounds, p < 0.75 %': 'run free: the probability that a round collides is below this, with 95 % confidence',
};

const marks: Readonly<Record<string, string>> = {
  '●': 'found; the mark is a link',
  '○': 'known, and not found',
  '✗': 'in the overview: not as expected. In a picture: the step that destroys what was acknowledged',
  '◆': 'of the two steps whose order decides, the one that comes too early or too late',
  '⚡': 'what was made to go wrong',
  '⋮': 'steps are left out here',
  '↵': 'the end of a line',
};

export const legend = (withFaults: boolean): Markup => html`<section aria-labelledby="legend-title" class="legend">
<h2 id="legend-title">How to read it</h2>
<div class="columns">
${list('Classes', collisionClasses)}
${list('Verdicts', statuses)}
${list('Strengths', strengths)}
${list('Marks', marks)}
${list('Priorities', priorities)}
${withFaults && list('Faults', faultKinds)}
</div>
</section>`;

const list = (title: string, words: Readonly<Record<string, string>>): Markup => html`<div>
<h3>${title}</h3>
<dl>${Object.entries(words).map(([name, meaning]) => html`<div><dt>${name}</dt><dd>${meaning}</dd></div>`)}</dl>
</div>`;
