/** Paths that lead into the resource though they do not begin with its own. */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Resource } from '../../harness/gate/resource.ts';
import { onLinux } from '../support/explore-stage.ts';

let outside: string;
let root: string;
let resource: Resource;

beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'collide-test-')));
  root = join(outside, 'resource');
  mkdirSync(join(root, 'd'), { recursive: true });
  writeFileSync(join(root, 'f'), '');
  resource = new Resource(root);
});

afterEach(() => rmSync(outside, { recursive: true }));

const way = (path: string, follows = true, tid = process.pid): unknown => resource.way(path, follows, tid);
const into = (path: string): unknown => ({ path });

describe('a path leads into the resource', () => {
  test('by its own name', () => {
    expect(way(`${root}/f`)).toEqual(into('f'));
    expect(way(`${root}/d/../f`)).toEqual(into('d/../f'));
    expect(way(`${root}/..hidden`)).toEqual(into('..hidden'));
  });

  test('out of it and back', () => {
    expect(way(`${root}/../resource/f`)).toEqual(into('f'));
    expect(way(`${root}/..`)).toBeUndefined();
    expect(way(`${root}/../other/f`)).toBeUndefined();
  });

  test('through links', () => {
    symlinkSync(root, join(outside, 'to'));
    symlinkSync('to/d', join(outside, 'deep'));
    symlinkSync('to/f', join(outside, 'file'));
    expect(way(`${outside}/to/f`)).toEqual(into('f'));
    expect(way(`${outside}/to//./f`)).toEqual(into('f'));
    expect(way(`${outside}/deep/x`)).toEqual(into('d/x'));
    expect(way(`${outside}/deep/../f`)).toEqual(into('d/../f'));
    expect(way(`${outside}/file`)).toEqual(into('f'));
    expect(way(`${outside}/file`, false)).toBeUndefined();
  });

  test('through a process of which nothing may be known', () => {
    expect(way(`/proc/1/cwd${root}/f/..no`)).toBeUndefined();
  });

  test('in circles nowhere', () => {
    symlinkSync('loop', join(outside, 'loop'));
    expect(way(`${outside}/loop/f`)).toBeUndefined();
  });

  test('by a name that is made later', () => {
    expect(way(`${outside}/later/f`)).toBeUndefined();
    symlinkSync(root, join(outside, 'later'));
    resource.ways.forget();
    expect(way(`${outside}/later/f`)).toEqual(into('f'));
  });

  test('from a link within to a link outside, and back', () => {
    symlinkSync(root, join(outside, 'back'));
    symlinkSync(join(outside, 'back'), join(root, 'away'));
    const { stats, entries, path } = resource.find('away/f', true, (each) => each);
    expect({ there: stats?.isFile(), entries, path }).toEqual({ there: true, entries: ['entry ./away'], path: 'f' });
  });

  test('by way of the directory above', () => {
    const { stats, path } = resource.find(`d/../../${basename(root)}/f`, true, (each) => each);
    expect({ there: stats?.isFile(), path }).toEqual({ there: true, path: 'f' });
  });
});

describe.skipIf(!onLinux)('by the magic links of a process', () => {
  test('a descriptor, whatever it is called by now', () => {
    const fd = openSync(join(root, 'f'), 'r');
    for (const path of [`/proc/self/fd/${fd}`, `/dev/fd/${fd}`, `/proc/${process.pid}/fd/${fd}`]) {
      expect(way(path)).toEqual({ magic: { tid: process.pid, fd } });
      expect(way(path, false)).toBeUndefined();
    }
    closeSync(fd);
  });

  test('where it is, and its root', async () => {
    const child = spawn('sleep', ['60'], { cwd: join(root, 'd') });
    await new Promise((resolve) => child.once('spawn', resolve));
    const tid = child.pid!;
    try {
      expect(way('/proc/self/cwd/x', true, tid)).toEqual(into('d/x'));
      expect(way(`/proc/${tid}/cwd/../f`)).toEqual(into('d/../f'));
      expect(way(`/proc/thread-self/root${root}/f`, true, tid)).toEqual(into('f'));
    } finally {
      child.kill();
      await new Promise((resolve) => child.once('exit', resolve));
    }
  });
});
