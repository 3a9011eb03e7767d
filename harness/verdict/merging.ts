/** What shards of one run have gathered, put together: as if one had searched all of it. */

import { type Omission, Omissions } from '../history/omission.ts';
import { type CollisionClass, collisionClasses } from '../oracle/finding.ts';
import { pctGuarantee } from '../schedule/pct.ts';
import { together } from './contention.ts';
import type { Exploration, Probing, Seen } from './exploration.ts';
import { noStorm, type RowEvidence, type StormEvidence } from './gathered.ts';
import type { Explored } from './strength.ts';
import type { RecordedFinding } from './verdict.ts';

/** @param parts of the same row, one of each shard, in order. */
export function mergeEvidence(parts: readonly RowEvidence[]): RowEvidence {
  const [{ settled: _, exploration: __, probing: ___, storm: ____, ...row }] = parts as [RowEvidence];
  const unexplored = parts.find((part) => part.unexplored !== undefined)?.unexplored;
  const explorations = parts.flatMap(({ exploration }) => exploration ?? []);
  const probings = parts.flatMap(({ probing }) => probing ?? []);
  const storms = parts.flatMap(({ storm }) => storm ?? []);
  const settled = mergeSettled(parts);
  const outside = [...new Set(parts.flatMap((part) => part.outside ?? []))];
  return {
    ...row,
    concluded: parts.every(({ concluded }) => concluded),
    ...(settled === undefined ? {} : { settled }),
    ...(unexplored === undefined ? {} : { unexplored }),
    ...(outside.length === 0 ? {} : { outside }),
    ...(explorations.length === 0 ? {} : { exploration: mergeExplorations(explorations, parts.length) }),
    ...(probings.length === 0 ? {} : { probing: mergeProbings(probings) }),
    ...(storms.length === 0 ? {} : { storm: mergeStorms(storms) }),
  };
}

/** What some could not do was not done, unless what others found says all there is to say. */
function mergeSettled(parts: readonly RowEvidence[]): RowEvidence['settled'] {
  const settled = parts.flatMap((part) => part.settled ?? []);
  const [first] = settled;
  if (first === undefined) return undefined;
  const broken = settled.find(({ status }) => status === 'BROKEN_ALONE');
  if (broken !== undefined) return broken;
  if (settled.length === parts.length && settled.every(({ status }) => status === first.status)) return first;
  const found = parts.some(({ exploration, probing, storm }) =>
    [exploration, probing, storm].some((gathered) => (gathered?.findings.length ?? 0) > 0),
  );
  if (found && settled.every(({ status }) => status === 'SKIPPED')) return undefined;
  const reason = `${settled.length} of ${parts.length} shards could not do their part: ${first.reason}`;
  return { status: 'INCONCLUSIVE', reason };
}

/** @param shards how many there should be of them. */
function mergeExplorations(parts: readonly Exploration[], shards: number): Exploration {
  const broken = parts.find(({ brokenAlone }) => brokenAlone !== undefined);
  if (broken !== undefined) return broken;
  const explored = parts.map((part) => part.explored);
  const { traces, reordered } = union(parts.flatMap(({ part }) => part ?? []));
  const { extent: searchedTo, disagreed } = extentOf(parts, shards);
  const omitted = omittedIn(explored);
  // Whoever has left something out has not tried all.
  const extent = omitted.length === 0 ? searchedTo : { kind: 'partial' as const, omitted };
  const doubt = parts.find((part) => part.doubt !== undefined)?.doubt ?? disagreed;
  const outside = [...new Set(parts.flatMap((part) => part.outside ?? []))];
  const [{ sessions, operations }] = explored as [Explored];
  return {
    explored: {
      ...extent,
      sessions,
      operations,
      executions: sum(explored, ({ executions }) => executions),
      traces,
      reordered,
      steps: Math.max(...explored.map(({ steps }) => steps)),
    },
    ...searched(parts),
    ...contentionOf(parts, traces),
    ...(doubt === undefined ? {} : { doubt }),
    ...(parts.some(({ sharesOutside }) => sharesOutside) ? { sharesOutside: true } : {}),
    ...(outside.length === 0 ? {} : { outside }),
  };
}

/** All interleavings were tried if each has tried all of its part, and all have divided them alike. */
function extentOf(
  parts: readonly Exploration[],
  shards: number,
): { readonly extent: Pick<Explored, 'kind' | 'preemptions'>; readonly disagreed?: string } {
  const all = parts.flatMap(({ part }) => part?.exhaustive ?? []);
  const some = parts.flatMap(({ part }) => part?.bounded ?? []);
  const alike = (divided: readonly { readonly division: string }[]): boolean =>
    new Set(divided.map(({ division }) => division)).size === 1;
  if (all.length === shards && alike(all)) return { extent: { kind: 'exhaustive' } };
  if (some.length === shards && alike(some)) {
    const unfinished = some.filter(({ complete }) => !complete);
    const bounds = (unfinished.length === 0 ? some : unfinished).map(({ preemptions }) => preemptions);
    const preemptions = unfinished.length === 0 ? Math.max(...bounds) : Math.min(...bounds);
    return { extent: { kind: 'bounded', preemptions } };
  }
  const extent = { kind: 'partial' } as const;
  if (all.length < shards && some.length < shards) return { extent };
  return { extent, disagreed: 'the shards have not divided the interleavings alike, so that some may be missing' };
}

/** The first example of each kind, as one search would have it. */
function omittedIn(parts: readonly { readonly omitted?: readonly Omission[] }[]): readonly Omission[] {
  const all = new Omissions();
  for (const { kind, what } of parts.flatMap(({ omitted = [] }) => omitted)) all.add(kind, what);
  return all.all;
}

function mergeProbings(parts: readonly Probing[]): Probing {
  const probed = parts.map((part) => part.probed);
  const [{ depth, sessions }] = probed as [Probing['probed']];
  const executions = sum(probed, (one) => one.executions);
  const steps = Math.max(...probed.map((one) => one.steps));
  const { traces } = union(parts.flatMap(({ part }) => part ?? []));
  const guarantee = pctGuarantee(sessions, steps, depth, executions);
  const omitted = omittedIn(probed);
  const doubt = parts.find((part) => part.doubt !== undefined)?.doubt;
  return {
    probed: {
      ...{ depth, sessions, executions, traces, steps, guarantee },
      ...(omitted.length === 0 ? {} : { omitted }),
    },
    ...searched(parts),
    ...contentionOf(parts, traces),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

function contentionOf(parts: readonly (Exploration | Probing)[], traces: number): Pick<Probing, 'contention'> {
  const all = together(
    parts.map((part) => part.contention),
    { of: traces, ofRounds: 0 },
  );
  return all === undefined ? {} : { contention: all };
}

function searched(parts: readonly (Exploration | Probing)[]): Pick<Probing, 'findings' | 'counts' | 'effort'> {
  const effort = parts.map((part) => part.effort);
  const firsts = effort.flatMap(({ firstFinding }) => firstFinding ?? []).sort((a, b) => a.executions - b.executions);
  const count = (of: keyof Probing['counts']): number => sum(parts, ({ counts }) => counts[of]);
  return {
    findings: mergeFindings(parts.flatMap(({ findings }) => findings)),
    counts: {
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      unknown: count('unknown'),
      reads: count('reads'),
    },
    effort: {
      executions: sum(effort, ({ executions }) => executions),
      ms: sum(effort, ({ ms }) => ms),
      ...(firsts[0] === undefined ? {} : { firstFinding: firsts[0] }),
    },
  };
}

function mergeStorms(parts: readonly StormEvidence[]): StormEvidence {
  const total = (
    of: Exclude<keyof StormEvidence, 'unknownError' | 'failures' | 'skewsUs' | 'others' | 'findings' | 'contention'>,
  ) => sum(parts, (part) => part[of]);
  const unknownError = parts.find((part) => part.unknownError !== undefined)?.unknownError;
  const seen = parts.map((part) => part.contention);
  const contention = together(seen, { of: 0, ofRounds: total('whole') });
  const others: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, count] of Object.entries(part.others)) others[name] = (others[name] ?? 0) + count;
  }
  return {
    ...noStorm,
    whole: total('whole'),
    overlapping: total('overlapping'),
    serial: total('serial'),
    alone: total('alone'),
    collided: total('collided'),
    acknowledged: total('acknowledged'),
    refused: total('refused'),
    unknown: total('unknown'),
    reads: total('reads'),
    ms: total('ms'),
    ...(unknownError === undefined ? {} : { unknownError }),
    failures: parts.flatMap(({ failures }) => failures),
    skewsUs: parts.flatMap(({ skewsUs }) => skewsUs),
    others,
    findings: mergeFindings(parts.flatMap(({ findings }) => findings)),
    ...(contention === undefined ? {} : { contention }),
  };
}

/** One of each class, with the shortest witness, and the numbers of all. */
function mergeFindings(findings: readonly RecordedFinding[]): readonly RecordedFinding[] {
  return (Object.keys(collisionClasses) as CollisionClass[]).flatMap((kind) => {
    const all = findings.filter((finding) => finding.class === kind);
    const [best] = all.toSorted((a, b) => lengthOf(a) - lengthOf(b) || compare(a.replay ?? '', b.replay ?? ''));
    if (best === undefined) return [];
    return [{ ...best, rounds: sum(all, ({ rounds }) => rounds), count: sum(all, ({ count }) => count) }];
  });
}

/** One that can be replayed is better than any that can't. */
const lengthOf = ({ replay }: RecordedFinding): number => replay?.length ?? Number.MAX_SAFE_INTEGER;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What several have seen counts once. */
function union(parts: readonly Seen[]): { readonly traces: number; readonly reordered: number } {
  const orders = new Map<string, number>();
  for (const [pair, seen] of parts.flatMap((part) => part.orders)) orders.set(pair, (orders.get(pair) ?? 0) | seen);
  return {
    traces: new Set(parts.flatMap((part) => part.traces)).size,
    reordered: [...orders.values()].filter((seen) => seen === BOTH).length,
  };
}

const BOTH = 3;

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0);
