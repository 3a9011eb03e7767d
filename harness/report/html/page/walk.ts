/** The interleaving, and the slider that walks through it. */

import { setAddress } from './address.ts';
import { type Child, element, prose } from './dom.ts';
import { drawLanes, type Lanes, laneLegend } from './lanes.ts';
import type { FindingData, FrameData } from './shapes.ts';
import { allFrames, lastStep, numberOf, positionOf, stateOf } from './state.ts';

/** @param step the number of the step that is asked for, from 1. */
export function walk(finding: FindingData, step: number | undefined): HTMLElement {
  const { steps, picture, critical, destructive, marks } = finding;
  const title = element('h3', { id: 'walk-title' }, 'Interleaving');
  const section = element('section', { class: 'walk', 'aria-labelledby': 'walk-title' }, title);
  for (const words of [critical, destructive])
    if (words !== undefined) section.append(element('p', {}, ...prose(words)));
  if (steps.length === 0) {
    const none = 'There is no picture: it was found by free running, in which single steps are not seen.';
    section.append(element('p', { class: 'about' }, none));
    return section;
  }
  const every = allFrames(finding);
  const shorter = picture.length > 0 && picture.length < every.length;
  let isWhole = !shorter || (step !== undefined && !picture.some((frame) => covers(frame, step - 1)));
  let frames = isWhole ? every : picture;
  let position = positionOf(
    frames,
    step === undefined ? (marks.fatal ?? marks.decisive ?? marks.second ?? 0) : step - 1,
  );
  let lanes: Lanes | undefined;

  const slider = element('input', { type: 'range', min: 0, step: 1, id: 'slider', 'aria-label': 'Step' });
  const track = element('div', { class: 'track' }, slider);
  const scroller = element('div', { class: 'scroller' }, track);
  const where = element('output', { for: 'slider' });
  const back = button('‹', 'One step back', () => go(position - 1));
  const on = button('›', 'One step on', () => go(position + 1));
  const isFault = marks.fatal !== undefined && steps[marks.fatal]?.fault !== undefined;
  const fatal = button(
    isFault ? '⚡ The fault' : '✗ The destructive step',
    isFault ? 'Go to the fault' : 'Go to the destructive step',
    () => go(positionOf(frames, marks.fatal ?? 0)),
  );
  const decisive = button('◆ The order that decides', 'Go to the order that decides', () =>
    go(positionOf(frames, marks.decisive ?? 0)),
  );
  const all = element('input', { type: 'checkbox' });
  const whole = element('label', { class: 'check' }, all, ` all ${steps.length} steps`);
  const inspector = element('div', { class: 'inspector' });
  const list = element('div', { class: 'scroller steplist', tabindex: 0, role: 'region', 'aria-label': 'Steps' });

  section.append(
    element(
      'div',
      { class: 'controls' },
      back,
      on,
      where,
      marks.decisive !== undefined && marks.decisive !== marks.fatal && decisive,
      marks.fatal !== undefined && steps[marks.fatal] !== undefined && fatal,
      shorter && whole,
      laneLegend(finding),
    ),
    scroller,
    element('div', { class: 'detail' }, inspector, list),
  );
  slider.addEventListener('input', () => go(slider.valueAsNumber));
  all.addEventListener('change', () => {
    const made = lastStep(frames, position);
    isWhole = all.checked;
    frames = isWhole ? every : picture;
    position = positionOf(frames, made);
    rebuild();
  });
  all.checked = isWhole;
  new ResizeObserver(() => {
    if (scroller.clientWidth !== drawnFor) draw();
  }).observe(scroller);
  let drawnFor = 0;
  rebuild();
  return section;

  function rebuild(): void {
    slider.max = `${frames.length - 1}`;
    list.replaceChildren(stepTable(finding, frames, isWhole, go));
    draw();
  }

  function draw(): void {
    drawnFor = scroller.clientWidth;
    lanes?.svg.remove();
    lanes = drawLanes(finding, frames, drawnFor);
    track.style.width = `${lanes.width}px`;
    track.append(lanes.svg);
    lanes.svg.addEventListener('click', (event) => {
      const share = (event.clientX - track.getBoundingClientRect().left) / track.clientWidth;
      go(Math.round(share * (frames.length - 1)));
    });
    show();
  }

  function go(to: number): void {
    position = Math.max(0, Math.min(frames.length - 1, to));
    show();
    setAddress({ step: `${lastStep(frames, position) + 1}` }, false);
  }

  function show(): void {
    const frame = frames[position]!;
    slider.value = `${position}`;
    slider.setAttribute('aria-valuetext', inWords(finding, frame));
    where.textContent = `${frame.at === undefined ? 'answer' : `step ${numberOf(frame)}`} of ${steps.length}`;
    back.disabled = position === 0;
    on.disabled = position === frames.length - 1;
    lanes?.show(position);
    inspector.replaceChildren(...inspected(finding, frame, lastStep(frames, position)));
    follow();
  }

  /** The place in the lanes, and the row, come into view within their own scrollers. */
  function follow(): void {
    const share = frames.length > 1 ? position / (frames.length - 1) : 0;
    const x = share * track.offsetWidth;
    if (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth) {
      scroller.scrollLeft = x - scroller.clientWidth / 2;
    }
    for (const row of list.querySelectorAll<HTMLElement>('tr[data-position]')) {
      const at = Number(row.dataset.position);
      row.classList.toggle('ahead', at > position);
      if (at === position) row.setAttribute('aria-current', 'step');
      else row.removeAttribute('aria-current');
      if (at !== position) continue;
      const [top, bottom] = [row.offsetTop - 30, row.offsetTop + row.offsetHeight];
      if (top < list.scrollTop) list.scrollTop = top;
      else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
    }
  }
}

const covers = ({ at, end }: FrameData, step: number): boolean => at !== undefined && at <= step && step <= end!;

function button(words: string, label: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', 'aria-label': label }, words);
  made.addEventListener('click', act);
  return made;
}

const nameOf = ({ sessions }: FindingData, session: number): string =>
  sessions.find(({ index }) => index === session)?.name ?? `session ${session}`;

function inWords(finding: FindingData, frame: FrameData): string {
  const number = frame.at === undefined ? '' : `step ${numberOf(frame)}: `;
  return `${number}${nameOf(finding, frame.session)}: ${[deedOf(frame), ...frame.told].filter(Boolean).join(', ')}`;
}

const deedOf = ({ deed, times }: FrameData): string => (times > 1 ? `${times} times: ${deed}` : deed);

/** A column for each session. */
function stepTable(
  finding: FindingData,
  frames: readonly FrameData[],
  isWhole: boolean,
  go: (position: number) => void,
): HTMLElement {
  const { sessions, steps, marks } = finding;
  const acting = sessions.filter(({ index }) => frames.some(({ session }) => session === index));
  const rows = frames.flatMap((frame, position) => {
    const gap = element(
      'tr',
      { class: 'gap' },
      element('td', {}, '⋮'),
      element('td', { colspan: acting.length }, 'steps left out'),
    );
    const classes = [
      marks.fatal !== undefined && covers(frame, marks.fatal) && 'fatal',
      [marks.first, marks.second].some((at) => at !== undefined && covers(frame, at)) && 'decides',
    ];
    const row = element(
      'tr',
      { 'data-position': position, class: classes.filter(Boolean).join(' ') },
      element('th', { scope: 'row' }, numberOf(frame)),
      ...acting.map(({ index }) => element('td', {}, ...(index === frame.session ? words(frame) : []))),
    );
    row.addEventListener('click', () => go(position));
    return frame.gap ? [gap, row] : [row];
  });
  const shown = frames.reduce((sum, { at, end }) => sum + (at === undefined ? 0 : end! - at + 1), 0);
  const left = isWhole ? 0 : steps.length - shown;
  const table = element(
    'table',
    { class: 'steps' },
    element(
      'caption',
      { class: left > 0 ? '' : 'sr' },
      left > 0
        ? `Not shown: ${left === 1 ? '1 step that has' : `${left} steps that have`} no bearing on another session`
        : 'Steps',
    ),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, '#'),
        ...acting.map(({ name }) => element('th', { scope: 'col' }, name)),
      ),
    ),
    element('tbody', {}, ...rows),
  );
  table.style.minWidth = `${50 + acting.length * 155}px`;
  return table;

  function words(frame: FrameData): readonly Child[] {
    const has = (at: number | undefined): boolean => at !== undefined && covers(frame, at);
    const sign = frame.deed.startsWith('⚡') ? '' : has(marks.fatal) ? '✗ ' : has(marks.decisive) ? '◆ ' : '';
    return [
      frame.deed !== '' && element('div', {}, sign, deedOf(frame)),
      ...frame.told.map((each) => element('div', { class: 'told' }, each)),
    ];
  }
}

/** What one step does, and where everybody stands after it. */
function inspected(finding: FindingData, frame: FrameData, made: number): readonly HTMLElement[] {
  const { steps, marks } = finding;
  const step = frame.at === undefined ? undefined : steps[frame.at];
  const facts: readonly (readonly [string, string | undefined])[] =
    step === undefined
      ? []
      : [
          ['call', [step.call, step.flags].filter(Boolean).join(' ')],
          [step.to === undefined ? 'path' : 'from', step.path],
          ['to', step.to],
          ['fault', step.fault === undefined ? undefined : `⚡ ${step.fault}`],
          ['answer', step.answer],
          ['bytes', step.bytes === undefined ? undefined : step.bytes.toLocaleString('en-US')],
          ['times', frame.times > 1 ? `${frame.times}, this round of it` : undefined],
        ];
  const told = frame.told.map((words): readonly [string, string] => ['told', words]);
  const decisive =
    marks.first === frame.at && frame.at !== undefined
      ? 'the first of the two that decide'
      : marks.second === frame.at && frame.at !== undefined
        ? 'the second of the two that decide'
        : undefined;
  return [
    element(
      'h4',
      {},
      frame.at === undefined ? 'Answer' : `Step ${numberOf(frame)}`,
      element('span', {}, nameOf(finding, frame.session)),
    ),
    decisive === undefined
      ? element('p', { class: 'deed' }, deedOf(frame))
      : element('p', { class: 'deed' }, deedOf(frame), element('em', {}, ` ${decisive}`)),
    element(
      'dl',
      {},
      ...[...facts, ...told].flatMap(([name, value]) =>
        value === undefined || value === ''
          ? []
          : [element('div', {}, element('dt', {}, name), element('dd', {}, value))],
      ),
      step?.data !== undefined &&
        element('div', {}, element('dt', {}, 'data'), element('dd', {}, element('pre', {}, step.data))),
    ),
    element('h4', {}, 'Where the sessions stand after it'),
    element(
      'dl',
      { class: 'standing' },
      ...finding.sessions.map((session) =>
        element('div', {}, element('dt', {}, session.name), element('dd', {}, stateOf(finding, session, made))),
      ),
    ),
  ];
}
