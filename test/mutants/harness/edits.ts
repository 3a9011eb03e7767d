/** The harness, broken in one place each: tests that do not notice prove nothing about that place. */

export interface Edit {
  /** Below `harness/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
  /** What is wrong then. */
  readonly breaks: string;
  /** Tests that have to fail. */
  readonly noticed: readonly string[];
  /** Of these tests, those with such a name. */
  readonly only?: string;
}

const exhaustive = { file: 'schedule/exhaustive.ts', noticed: ['test/schedule/exhaustive.test.ts'] };
const races = { ...exhaustive, file: 'schedule/races.ts' };
const bounded = { file: 'schedule/bounded.ts', noticed: ['test/schedule/bounded.test.ts'] };
const steps = { file: 'history/step.ts', noticed: ['test/explore/evidence.test.ts'] };
const evidence = { ...steps, file: 'explore/evidence.ts' };
const loops = { file: 'explore/loops.ts', noticed: ['test/explore/loops.test.ts'] };
const holdings = { file: 'gate/holdings.ts', noticed: ['test/gate/holdings.test.ts'] };
const resource = { file: 'gate/resource.ts', noticed: ['test/gate/resource.test.ts'] };
const filter = { file: 'gate/filter.ts', noticed: ['test/gate/filter.test.ts'] };
/** A group of test/soundness. */
const sound = (only: string) => ({ noticed: ['test/soundness/soundness.test.ts'], only: ` ${only}$` });

export const edits: readonly Edit[] = [
  {
    ...exhaustive,
    breaks: 'who sleeps is not woken by what it depends on',
    from: '    .filter((candidate) => !depends(chosen, candidate))\n',
    to: '',
  },
  {
    ...exhaustive,
    breaks: 'who is blocked where an execution is given up races with nobody',
    from: 'givenUp?.blocked ?? stuck',
    to: 'stuck',
  },
  {
    ...exhaustive,
    breaks: 'a loop is outwaited only where nothing else is left',
    from: 'candidate === chosen || candidate.outwait || isTrunk',
    to: 'candidate === chosen || isTrunk',
  },
  {
    ...exhaustive,
    breaks: 'a search that diverged says that it is complete',
    from: 'complete = divergences.size === 0;',
    to: 'complete = true;',
  },
  {
    ...exhaustive,
    breaks: 'reversals that begin with somebody else are dropped where one is asleep or not',
    from: 'todo.has(start) || asleep.has(start)',
    to: 'true',
  },
  {
    ...exhaustive,
    breaks: 'what a step changes without saying so is not noticed',
    from: 'if (after && now[state].includes(after) &&',
    to: 'if (after &&',
  },
  {
    ...races,
    breaks: 'the step that is known last counts as unknown',
    from: '?? -1) >= index;',
    to: '?? -1) > index;',
  },
  {
    ...races,
    breaks: 'what a step would have touched before the earlier one does not count',
    from: 'if (!depends(chosen, later) && !depends(chosen, asItWas)) continue;',
    to: 'if (!depends(chosen, later)) continue;',
  },
  {
    ...races,
    breaks: 'who could not go on in the end races with nobody',
    from: '  for (const candidate of pending) yield* racesOf(candidate, moments.length);\n',
    to: '',
  },
  {
    ...races,
    breaks: 'who outwaits the others depends on what it touches only',
    from: 'a.outwait === true || b.outwait === true || ',
    to: '',
  },
  { ...bounded, breaks: 'a bound is claimed before it is reached', from: ': preemptions - 1);', to: ': preemptions);' },
  { ...bounded, breaks: 'preemptions are not counted', from: '(isPreemption ? 1 : 0)', to: '0' },
  {
    ...bounded,
    breaks: 'who outwaits the others cares only about what it touches',
    from: 'outwait || !accesses ? rest',
    to: '!accesses ? rest',
  },
  { ...steps, breaks: 'two writes commute', from: "x.mode === y.mode && x.mode !== 'write'", to: 'x.mode === y.mode' },
  {
    ...steps,
    breaks: 'neighbouring ranges meet',
    from: 'POSITIVE_INFINITY) <= (y.from',
    to: 'POSITIVE_INFINITY) < (y.from',
  },
  {
    ...steps,
    breaks: 'ranges that share one byte do not meet',
    from: '<= (x.from ?? 0)',
    to: '<= (x.from ?? 0) + 1',
  },
  {
    ...evidence,
    breaks: 'the first step of another session is never a cause',
    from: 'at >= (clock.get',
    to: 'at > (clock.get',
  },
  {
    ...evidence,
    breaks: 'all causes in another session are one',
    from: 'clock.set(other, at + 1);',
    to: 'clock.set(other, 1);',
  },
  {
    ...loops,
    breaks: 'an outdated look counts as a round',
    from: 'looks.slice(outdated + 1)',
    to: 'looks.slice(outdated)',
  },
  { ...loops, breaks: 'a round may hold a shared lock when it ends', from: 'return held === 0;', to: 'return true;' },
  {
    ...loops,
    breaks: 'two looks without a sleep are a loop',
    from: 'const ROUNDS_AWAKE = 3;',
    to: 'const ROUNDS_AWAKE = 2;',
  },
  {
    ...holdings,
    breaks: 'a range given back gives all ranges back',
    from: 'locked.flocks <= 0 && locked.spans.length === 0',
    to: 'locked.flocks <= 0',
  },
  {
    ...holdings,
    breaks: 'who gives one kind of lock back has given the other back as well',
    from: 'locked.flocks <= 0 && locked.spans.length === 0',
    to: 'locked.flocks <= 0 || locked.spans.length === 0',
  },
  {
    ...holdings,
    breaks: 'of two open files with the lock of flock(2), one gives back that of both',
    from: 'locked.flocks -= Number(has)',
    to: 'locked.flocks = 0',
  },
  {
    ...holdings,
    breaks: 'a map of an index is written without the lock',
    from: 'takes && file?.ino === ino',
    to: 'takes',
  },
  {
    ...resource,
    breaks: 'an inode that comes again keeps its name',
    from: 'times === 0 ? path',
    to: 'times >= 0 ? path',
  },
  {
    ...resource,
    ...sound('names'),
    breaks: 'links that are followed are not looked at',
    from: '        entries.push(entry);\n        if (++links',
    to: '        if (++links',
  },
  {
    ...filter,
    breaks: 'fcntl(2) waits for a lock without asking the gate',
    from: 'values: [5, 6, 7, 36',
    to: 'values: [5, 6, 36',
  },
  {
    file: 'gate/locks.ts',
    breaks: 'ranges that only touch are in the way of each other',
    from: 'Number(first) < to',
    to: 'Number(first) <= to',
    noticed: ['test/gate/ranges.test.ts'],
  },
  {
    file: 'gate/locks.ts',
    breaks: 'a range whose last byte is wanted is not in the way',
    from: 'Number(last) >= from',
    to: 'Number(last) > from',
    noticed: ['test/gate/ranges.test.ts'],
  },
  {
    file: 'gate/locks.ts',
    breaks: 'shared locks are in the way of each other',
    from: " && !(shared && kind === 'READ')",
    to: '',
    noticed: ['test/gate/ranges.test.ts'],
  },
  {
    file: 'gate/lock-calls.ts',
    breaks: 'a lock that waits is taken for one that tries',
    from: 'command === 7 || command === 38',
    to: 'command === 7',
    ...sound('ranges'),
  },
  {
    file: 'explore/actor.ts',
    breaks: 'a step is judged in a state that has passed',
    from: 'this.#pending === undefined || !dependent(this.#pending.step, step)',
    to: 'this.#pending === undefined || step.session >= 0',
    ...sound('names'),
  },
  {
    file: 'explore/scene.ts',
    breaks: 'a lock that was taken is forgotten, so that closing the file is no step',
    from: 'if (step.error === undefined) {',
    to: 'if (step.error !== undefined) {',
    ...sound('flock'),
  },
  {
    file: 'gate/touches.ts',
    breaks: "the number of links is nobody's object",
    from: "}`, 'add')",
    to: "}`, 'read')",
    ...sound('names'),
  },
  {
    file: 'gate/meaning.ts',
    breaks: 'the order of a listing is no object',
    from: 'if (!resource.listsInOrder) return [names];',
    to: 'if (resource.listsInOrder) return [names];',
    ...sound('order'),
  },
  {
    file: 'gate/meaning.ts',
    breaks: 'pwrite(2) writes where it says, though the file appends',
    from: ' || file.appends?.()) return {};',
    to: ') return {};',
    ...sound('append'),
  },
  {
    file: 'gate/locks.ts',
    breaks: 'a lock of another kind is kept until the new one is there',
    from: "held !== undefined && (held === 'WRITE') !==",
    to: "held === 'NONE' && (held === 'WRITE') !==",
    ...sound('flock'),
  },
  {
    file: 'explore/deadlock.ts',
    breaks: 'the kernel lets locks of processes wait in a circle',
    from: 'if (next.includes(own)) return true;',
    to: 'if (next.includes(own)) return false;',
    ...sound('processes'),
  },
];
