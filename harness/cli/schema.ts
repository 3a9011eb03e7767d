import { type SchemaName, schemas, schemaText } from '../schema/schemas.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { explained } from './help.ts';

/** `collide schema`: what a command prints as JSON. */
export function schema(name: string): number {
  if (!Object.hasOwn(schemas, name))
    throw new UsageError(`schema ${name}: expected ${Object.keys(schemas).join(', ')}`);
  process.stdout.write(schemaText(name as SchemaName));
  return exitCode.ok;
}

const titles = Object.fromEntries(Object.entries(schemas).map(([name, { title }]) => [name, title]));

export const schemaCommand: Define = (program, finish) => {
  program
    .command('schema')
    .description('the JSON Schema of what a command prints as JSON')
    .argument('<name>', Object.keys(schemas).join(', '))
    .addHelpText(
      'after',
      `
Examples:
  collide schema results > results.schema.json

Schemas, which the package holds in fixtures/schemas, too:
${explained(titles)}`,
    )
    .action((name) => {
      finish(schema(name));
    });
};
