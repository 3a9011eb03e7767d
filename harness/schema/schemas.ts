/** What commands print as JSON, as JSON Schema: https://json-schema.org/draft/2020-12 */

import { z } from 'zod';
import { entrySchema, headerSchema } from '../report/ledger-schema.ts';
import { list } from './catalogue.ts';
import { examined, faultResults, results } from './results.ts';

export interface Published {
  readonly schema: z.ZodType;
  readonly title: string;
}

export const schemas = {
  results: {
    schema: results,
    title: 'collide run --json, and results.json; with what was found besides, --reporter json',
  },
  faults: { schema: faultResults, title: 'collide faults --json, and faults.json' },
  exec: { schema: examined, title: 'collide exec --json' },
  ledger: {
    schema: z.union([headerSchema, entrySchema]),
    title: 'a line of COLLISION-LEDGER.jsonl: first the header, then an entry for each target',
  },
  list: { schema: list, title: 'collide list --json' },
} as const satisfies Record<string, Published>;

export type SchemaName = keyof typeof schemas;

/** In `fixtures/schemas`, and so in the package. */
export const schemaFile = (name: SchemaName): string => `${name}.schema.json`;

/** The schema of what a command prints. No key is allowed that it does not have. */
export function schemaOf(name: SchemaName): object {
  const { $schema, ...rest } = z.toJSONSchema(schemas[name].schema, { target: 'draft-2020-12' });
  const { title } = schemas[name];
  return { $schema, $id: `https://unpkg.com/collide-lab/fixtures/schemas/${schemaFile(name)}`, title, ...rest };
}

export const schemaText = (name: SchemaName): string => `${JSON.stringify(schemaOf(name), null, 2)}\n`;
