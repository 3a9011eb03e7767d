import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type SchemaName, schemaOf } from '../../harness/schema/schemas.ts';

const compiled = new Map<SchemaName, ValidateFunction>();

/** What a schema has against data, as JSON has them; empty where they conform. */
export function objections(name: SchemaName, data: unknown): readonly string[] {
  const ajv = new Ajv2020({ strict: true, code: { optimize: false } });
  const validate = compiled.get(name) ?? ajv.compile(schemaOf(name));
  compiled.set(name, validate);
  if (validate(JSON.parse(JSON.stringify(data)))) return [];
  return validate.errors!.map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
