import { addressWith } from './address.ts';
import { comparison } from './comparison.ts';
import { command } from './copying.ts';
import { element, prose } from './dom.ts';
import type { FindingData } from './shapes.ts';
import { walk } from './walk.ts';

/** Undefined where there is none of that name. Only what is opened is read. */
export function findingOf(id: string): FindingData | undefined {
  const holder = [...document.querySelectorAll<HTMLScriptElement>('script[data-finding]')].find(
    ({ dataset }) => dataset.finding === id,
  );
  return holder === undefined ? undefined : (JSON.parse(holder.textContent ?? '') as FindingData);
}

/** @param shown the findings that lead on from it. */
export function findingView(
  finding: FindingData,
  shown: readonly string[],
  step: number | undefined,
): readonly HTMLElement[] {
  const { row, resource, does, why, fault, facts, replay, unexpected, priority, meaning } = finding;
  const fact = (name: string, words: string | undefined): HTMLElement | false =>
    words !== undefined &&
    words !== '' &&
    element('div', {}, element('dt', {}, name), element('dd', {}, ...prose(words)));
  return [
    navigation(finding.id, shown),
    element(
      'header',
      {},
      element(
        'p',
        { class: 'row-name' },
        element('code', {}, row),
        priority !== '' && element('span', { class: 'priority' }, priority),
      ),
      element('h2', { id: 'finding-title', tabindex: -1 }, element('span', { class: 'sr' }, `${row}: `), finding.class),
      element('p', { class: 'meaning' }, meaning),
    ),
    ...(unexpected === undefined ? [] : [element('p', { class: 'notice' }, `✗ Not as expected: ${unexpected}`)]),
    element(
      'div',
      { class: 'facts-of-it' },
      element(
        'dl',
        { class: 'about-it' },
        fact('Resource', resource),
        fact('Every writer', does),
        fact('Why', why),
        fault !== undefined &&
          element(
            'div',
            {},
            element('dt', {}, 'Fault'),
            element('dd', {}, `⚡ ${fault.kind}: ${fault.meaning} `, element('code', {}, fault.plan)),
          ),
      ),
      element(
        'dl',
        { class: 'about-it' },
        ...facts.map(([name, words]) => fact(name, words)),
        replay !== undefined && element('div', {}, element('dt', {}, 'Replay'), element('dd', {}, command(replay))),
      ),
    ),
    comparison(finding),
    walk(finding, step),
  ];
}

function navigation(id: string, shown: readonly string[]): HTMLElement {
  const at = shown.indexOf(id);
  const link = (words: string, to: string | undefined): HTMLElement =>
    to === undefined
      ? element('span', { class: 'off' }, words)
      : element('a', { href: addressWith({ finding: to, step: undefined }) }, words);
  return element(
    'nav',
    { 'aria-label': 'Findings' },
    element('a', { href: addressWith({ finding: undefined, step: undefined }) }, '← All targets'),
    element('span', { class: 'between' }, at < 0 ? '' : `${at + 1} of ${shown.length}`),
    link('‹ Previous', at < 0 ? undefined : shown[at - 1]),
    link('Next ›', at < 0 ? undefined : shown[at + 1]),
  );
}
