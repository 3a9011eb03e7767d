/** The interleaving from above: a lane for each session, from left to right in the order of the steps. */

import { element, shape } from './dom.ts';
import type { FindingData, FrameData } from './shapes.ts';
import { positionOf } from './state.ts';

/** As wide as the thumb of the slider: so every step is right below its place. */
const THUMB = 16;
const STEP_MIN = 9;
const LANE = 44;
const MARKS_Y = 28;
const TOP = 8;
/** Below the lanes, and how far from each other. */
const NUMBERS = 16;
const NUMBER_APART = 28;

export interface Lanes {
  readonly svg: SVGSVGElement;
  readonly width: number;
  show(position: number): void;
}

export function drawLanes(finding: FindingData, frames: readonly FrameData[], space: number): Lanes {
  const { sessions, steps, locks, marks } = finding;
  const acting = sessions.filter(({ index }) => frames.some(({ session }) => session === index));
  const width = Math.max(space, frames.length * STEP_MIN + THUMB);
  const height = TOP + acting.length * LANE + NUMBERS;
  const x = (position: number): number =>
    THUMB / 2 + (width - THUMB) * (frames.length > 1 ? position / (frames.length - 1) : 0);
  const lane = (session: number): number => acting.findIndex(({ index }) => index === session);
  const y = (session: number): number => TOP + lane(session) * LANE + MARKS_Y;
  const size = Math.max(5, Math.min(10, (width - THUMB) / frames.length - 3));
  const svg = shape('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true', class: 'lanes' });

  for (const { index, name } of acting) {
    const own = frames.flatMap(({ session }, at) => (session === index ? [at] : []));
    svg.append(
      shape('line', { class: 'rail', x1: 0, x2: width, y1: y(index), y2: y(index) }),
      shape('line', { class: 'span', x1: x(own[0]!), x2: x(own.at(-1)!), y1: y(index), y2: y(index) }),
      shape('text', { class: 'lane', x: 0, y: y(index) - 16 }, name),
    );
  }
  for (const { session, path, from, to } of locks) {
    const [begin, end] = [x(positionOf(frames, from)), x(positionOf(frames, to))];
    const held = { class: 'held', x: begin, y: y(session) + 8, width: Math.max(2, end - begin), height: 4 };
    svg.append(shape('rect', held, shape('title', {}, `has the lock ${path}`)));
  }
  const way = frames.map(({ session }, at) => `${at === 0 ? 'M' : 'L'}${x(at)} ${y(session)}`).join('');
  svg.append(shape('path', { class: 'way', d: way }));

  const drawn = frames.map((frame, at) => {
    const made = shape('g', { class: 'step' }, ...markOf(frame, x(at), y(frame.session)));
    svg.append(made);
    return made;
  });
  const { first, second, decisive, fatal } = marks;
  if (first !== undefined && second !== undefined) svg.append(...bow(first, second));
  if (decisive !== undefined && decisive !== fatal) {
    const at = positionOf(frames, decisive);
    svg.append(shape('text', { class: 'fatal', x: x(at), y: y(frames[at]!.session) - 12 }, '◆'));
  }
  if (fatal !== undefined) {
    const at = positionOf(frames, fatal);
    const sign = steps[fatal]?.fault === undefined ? '✗' : '⚡';
    if (sign === '✗') svg.append(shape('text', { class: 'fatal', x: x(at), y: y(frames[at]!.session) - 12 }, sign));
  }
  const each = Math.ceil(NUMBER_APART / ((width - THUMB) / Math.max(1, frames.length - 1)));
  for (const [at, frame] of frames.entries()) {
    if (at % each !== 0 || frame.at === undefined) continue;
    const place = at === 0 ? 'start' : at === frames.length - 1 ? 'end' : 'middle';
    const atX = place === 'start' ? 0 : place === 'end' ? width : x(at);
    svg.append(shape('text', { class: 'place', x: atX, y: height - 3, 'text-anchor': place }, `${frame.at + 1}`));
  }
  const now = shape('line', { class: 'now', y1: 0, y2: height - NUMBERS });
  svg.prepend(now);

  return {
    svg,
    width,
    show(position) {
      for (const [at, each] of drawn.entries()) {
        each.setAttribute('class', at > position ? 'step ahead' : at === position ? 'step current' : 'step');
      }
      now.setAttribute('x1', `${x(position)}`);
      now.setAttribute('x2', `${x(position)}`);
    },
  };

  function markOf({ at, session, times, told }: FrameData, cx: number, cy: number): readonly SVGElement[] {
    const half = size / 2;
    const step = at === undefined ? undefined : steps[at];
    const box = { x: cx - half, y: cy - half, width: size, height: size };
    const answer = told.length > 0 && finding.sessions.some(({ index }) => index === session);
    return [
      ...(step === undefined ? [] : [stepMark(step.effect, box, cx, cy, half)]),
      ...(times > 1 ? [shape('text', { class: 'times', x: cx, y: cy + half + 11 }, `×${times}`)] : []),
      ...(step?.fault === undefined ? [] : [shape('text', { class: 'fatal', x: cx, y: cy - 11 }, '⚡')]),
      ...(answer
        ? [shape('line', { class: 'answer', x1: cx + half + 1.5, x2: cx + half + 1.5, y1: cy - 8, y2: cy + 8 })]
        : []),
    ];
  }

  /** The first of the two steps, and the one that it must not come before. */
  function bow(from: number, to: number): readonly SVGElement[] {
    const [a, b] = [positionOf(frames, from), positionOf(frames, to)];
    const [ax, ay, bx, by] = [x(a), y(frames[a]!.session), x(b), y(frames[b]!.session)];
    const ring = (cx: number, cy: number): SVGElement =>
      shape('circle', { class: 'critical', cx, cy, r: Math.max(6, size * 0.75) });
    const middle = (ax + bx) / 2;
    return [
      shape('path', { class: 'critical', d: `M${ax} ${ay}C${middle} ${ay} ${middle} ${by} ${bx} ${by}` }),
      ring(ax, ay),
      ring(bx, by),
    ];
  }
}

function stepMark(
  effect: string,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  cx: number,
  cy: number,
  half: number,
): SVGElement {
  switch (effect) {
    case 'changes':
      return shape('rect', { class: 'changes', ...box });
    case 'reads':
      return shape('rect', { class: 'reads', ...box });
    case 'locks':
      return shape('path', {
        class: 'locks',
        d: `M${cx} ${cy - half - 1}l${half + 1} ${half + 1}l${-half - 1} ${half + 1}l${-half - 1} ${-half - 1}z`,
      });
    default:
      return shape('circle', { class: 'other', cx, cy, r: Math.min(2.5, half) });
  }
}

/** What the marks mean. */
export function laneLegend({ locks, marks }: FindingData): HTMLElement {
  const sample = (effect: string, words: string): HTMLElement => {
    const svg = shape('svg', { width: 14, height: 14, 'aria-hidden': 'true', class: 'lanes' });
    svg.append(stepMark(effect, { x: 2, y: 2, width: 10, height: 10 }, 7, 7, 5));
    return element('li', {}, svg, ` ${words}`);
  };
  const bar = shape('svg', { width: 14, height: 14, 'aria-hidden': 'true', class: 'lanes' });
  bar.append(shape('rect', { class: 'held', x: 0, y: 5, width: 14, height: 4 }));
  const tick = shape('svg', { width: 6, height: 14, 'aria-hidden': 'true', class: 'lanes' });
  tick.append(shape('line', { class: 'answer', x1: 3, x2: 3, y1: 0, y2: 14 }));
  const ring = shape('svg', { width: 16, height: 14, 'aria-hidden': 'true', class: 'lanes' });
  ring.append(shape('circle', { class: 'critical', cx: 8, cy: 7, r: 6 }));
  return element(
    'ul',
    { class: 'key' },
    sample('changes', 'changes'),
    sample('reads', 'only looks'),
    sample('locks', 'lock'),
    sample('other', 'other'),
    element('li', {}, tick, ' answer'),
    locks.length > 0 && element('li', {}, bar, ' has a lock'),
    marks.first !== undefined && element('li', {}, ring, ' the order of these two decides'),
  );
}
