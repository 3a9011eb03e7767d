/** What sessions are made to take for the time, and what files bear of it. */

import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clocks, clocksAsked, dates } from '../../harness/explore/clocks.ts';
import type { GatedSession } from '../../harness/explore/gated-session.ts';
import type { Meaning } from '../../harness/gate/meaning.ts';
import type { Request } from '../../harness/gate/request.ts';
import type { Call } from '../../harness/history/step.ts';
import { CLOCK_BYTES } from '../../harness/session/bent-clock.ts';
import { onLinux } from '../support/explore-stage.ts';

const HOUR = 3_600_000;
const NEVER = Number.NaN;

/** A session that is this process, with clocks that nobody looks at. */
function session(details: Partial<GatedSession> = {}) {
  const memory = Buffer.alloc(CLOCK_BYTES);
  memory.writeDoubleLE(7, 24);
  const mine = { pid: process.pid, clockAt: Number(koffi.address(memory)), dead: false, ...details } as GatedSession;
  return { mine, shows: () => [0, 8, 16].map((at) => memory.readDoubleLE(at)) };
}

describe.skipIf(!onLinux)('the clocks of sessions', () => {
  test('are as late as all that has passed, for everybody who lives', () => {
    const [one, other, dead] = [session(), session(), session({ dead: true })];
    const clocks = new Clocks([one.mine, other.mine, dead.mine]);
    clocks.pass({ ofDayMs: HOUR, sinceStartMs: HOUR });
    clocks.pass({ ofDayMs: -HOUR / 2 });
    expect(one.shows()).toEqual([HOUR / 2, HOUR, NEVER]);
    expect(other.shows()).toEqual(one.shows());
    expect(dead.shows()).toEqual([0, 0, 0]);
    expect(clocksAsked(one.mine)).toBe(7);
  });

  test('stand still, and do so again once some time has passed', () => {
    const { mine, shows } = session();
    const clocks = new Clocks([mine]);
    clocks.stop(1_000);
    expect(shows()).toEqual([0, 0, 1_000]);
    clocks.pass({ ofDayMs: HOUR, sinceStartMs: HOUR });
    expect(shows()).toEqual([HOUR, HOUR, 1_000 + HOUR]);
  });

  test('are straightened before an execution, and nobody has asked them', () => {
    const { mine, shows } = session();
    new Clocks([mine]).stop(1_000);
    new Clocks([mine]).straighten();
    expect(shows()).toEqual([0, 0, NEVER]);
    expect(clocksAsked(mine)).toBe(0);
  });
});

describe('files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'collide-test-'));
    writeFileSync(join(root, 'made'), '');
    utimesSync(root, 5_000, 5_000);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const at = (seconds: number, path = 'made'): string => {
    utimesSync(join(root, path), seconds, seconds);
    return path;
  };
  const bears = (path = 'made'): number => statSync(join(root, path)).mtimeMs / 1000;
  const request = (call: Call, path: string): Request => ({ call, path }) as Request;
  const later = (): Clocks => {
    const clocks = new Clocks([]);
    clocks.pass({ ofDayMs: HOUR });
    return clocks;
  };

  test('bear the time of the sessions where the kernel has just dated them', () => {
    later().date(request('write', at(10_000)), root, 10_000_000);
    expect([bears(), bears('.')]).toEqual([13_600, 5_000]);
  });

  test('keep what a session has dated itself, and what it only looked at', () => {
    later().date(request('write', at(9_000)), root, 10_000_000);
    expect(bears()).toBe(9_000);
    later().date(request('stat', at(10_000)), root, 10_000_000);
    new Clocks([]).date(request('write', 'made'), root, 10_000_000);
    expect(bears()).toBe(10_000);
  });

  test('grow older where sessions are commands, as long as that is no jump of the clock', () => {
    at(10_000);
    const clocks = new Clocks([], root);
    clocks.pass({ ofDayMs: HOUR });
    expect(bears()).toBe(10_000);
    clocks.pass({ ofDayMs: HOUR, sinceStartMs: HOUR });
    expect([bears(), bears('.')]).toEqual([6_400, 1_400]);
  });

  test('are dated by what makes or changes them', () => {
    const step = { session: 0, operation: 0, path: 'made' };
    const nothing = { accesses: [] } as Meaning;
    expect(dates({ ...step, call: 'write' }, nothing)).toBe(true);
    expect(dates({ ...step, call: 'write', error: 'EIO' }, nothing)).toBe(false);
    expect(dates({ ...step, call: 'open' }, nothing)).toBe(false);
    expect(dates({ ...step, call: 'open', flags: ['TRUNC'] }, nothing)).toBe(true);
    expect(dates({ ...step, call: 'open' }, { accesses: [], creates: 'made' } as Meaning)).toBe(true);
  });
});
