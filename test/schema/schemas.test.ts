/** The published schemas: what the code says, what the commands print, and nothing else. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../harness/scenario/command.ts';
import { type SchemaName, schemaFile, schemas, schemaText } from '../../harness/schema/schemas.ts';
import { faultsOf, reportOf } from '../support/report.ts';
import { objections } from '../support/schemas.ts';

const names = Object.keys(schemas) as readonly SchemaName[];

test.each(names)('fixtures/schemas has what `collide schema %s` prints', (name) => {
  const published = readFileSync(join(packageRoot(), 'fixtures/schemas', schemaFile(name)), 'utf8');
  expect(published).toBe(schemaText(name));
});

test('the ledger in this repository conforms', () => {
  const lines = readFileSync(join(packageRoot(), 'reports/COLLISION-LEDGER.jsonl'), 'utf8').trim().split('\n');
  expect(lines.flatMap((line) => objections('ledger', JSON.parse(line)))).toEqual([]);
});

const results = JSON.parse(JSON.stringify({ ...reportOf().results, underFaults: faultsOf() })) as object;

/** What a schema says nothing of: what sessions answered, what files held, and what scenarios count. */
const free: ReadonlySet<string> = new Set(['output', 'final', 'others']);

type Path = readonly (string | number)[];

/** Every value of which the schema says something. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).filter(([key]) => !free.has(key));
  return [path, ...below.flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

function changed(path: Path, change: (value: unknown) => unknown): unknown {
  const at = (value: unknown, rest: Path): unknown => {
    const [key, ...more] = rest;
    if (key === undefined) return change(value);
    const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
    copy[key] = at(copy[key], more);
    return copy;
  };
  return at(results, path);
}

describe('results', () => {
  const paths = pathsIn(results);

  test('conform', () => {
    expect(objections('results', results)).toEqual([]);
  });

  test('with anything of another type in any place do not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), (path) => {
        expect(
          objections(
            'results',
            changed(path, () => ({ none: 1 })),
          ),
        ).not.toEqual([]);
      }),
    );
  });

  test('with a key more in any object do not', () => {
    const objects = paths.filter((path) => {
      let is = false;
      changed(path, (value) => {
        is = typeof value === 'object' && value !== null && !Array.isArray(value);
        return value;
      });
      return is;
    });
    fc.assert(
      fc.property(fc.constantFrom(...objects), (path) => {
        expect(
          objections(
            'results',
            changed(path, (value) => ({ ...(value as object), more: 1 })),
          ),
        ).not.toEqual([]);
      }),
    );
  });

  test.each([
    ['format'],
    ['verdicts', 0, 'status'],
    ['verdicts', 1, 'findings', 0, 'witness'],
    ['underFaults', 'faults', 0, 'extent'],
  ])('without %s do not', (...path: Path) => {
    const parent = path.slice(0, -1);
    const without = changed(parent, (value) => {
      const { [String(path.at(-1))]: _, ...rest } = value as Record<string, unknown>;
      return rest;
    });
    expect(objections('results', without)).not.toEqual([]);
  });
});
