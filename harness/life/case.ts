/** Writes a case down, so that it can be looked at later, and become a scenario. */

import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { kindOf } from '../damage/kinds.ts';
import { excerptAt, visible } from '../damage/visible.ts';
import { limits } from '../limits.ts';
import type { SeenVersion, Sighting } from './sighting.ts';
import { skeletonOf } from './skeleton.ts';

/** Changes whenever a reader of older ones would misread newer ones. */
export const CASE_FORMAT = 'collide-case-1';

/** Of a version, in `case.json`. */
const EXCERPT_BYTES = 400;

/**
 * Makes a directory for it: `case.json`, the versions as they were, and a target that does the same where there is one.
 *
 * @param seenAt when the clock of the sightings says so many ms: ISO 8601.
 * @returns the directory.
 */
export function writeCase(out: string, sighting: Sighting, dir: string, seenAt: (atMs: number) => string): string {
  const place = newDirectory(out, sighting);
  const versions = sighting.versions.map((version, at) => {
    const file = `${at + 1}-${version.role}${extname(sighting.path)}`;
    writeFileSync(join(place, file), version.bytes.subarray(0, limits.caseFileBytes));
    return { file, ...describe(version, sighting), seenAt: seenAt(version.atMs) };
  });
  const skeleton = skeletonOf(sighting);
  if (skeleton !== undefined) {
    writeFileSync(join(place, 'collide.config.json'), `${JSON.stringify(skeleton.config, null, 1)}\n`);
    writeFileSync(join(place, 'session.mjs'), skeleton.session);
  }
  const { versions: _, atMs, writer, ...told } = sighting;
  const about = {
    format: CASE_FORMAT,
    dir,
    seenAt: seenAt(atMs),
    ...told,
    ...(told.damage === undefined ? {} : { leftBy: kindOf(told.damage.kind).leftBy }),
    ...(writer === undefined ? {} : { writes: writer.inPlace ? 'in place' : 'by renaming over it' }),
    versions,
    reproduce: skeleton?.command ?? null,
  };
  writeFileSync(join(place, 'case.json'), `${JSON.stringify(about, null, 1)}\n`);
  return place;
}

/** The first number that is free: two watches may write at once. */
function newDirectory(out: string, { kind, path }: Sighting): string {
  mkdirSync(out, { recursive: true });
  const name = basename(path)
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 60);
  for (let number = readdirSync(out).length + 1; ; number++) {
    const place = join(out, `${String(number).padStart(3, '0')}-${kind}-${name}`);
    if (existsSync(place)) continue;
    try {
      mkdirSync(place);
      return place;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function describe({ role, bytes }: SeenVersion, { damage }: Sighting): object {
  const excerpt =
    role === 'torn' && damage !== undefined
      ? excerptAt(bytes, damage.offset)
      : visible(bytes.subarray(0, EXCERPT_BYTES));
  return {
    role,
    bytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
    ...(bytes.length > limits.caseFileBytes ? { cutTo: limits.caseFileBytes } : {}),
    excerpt,
  };
}
