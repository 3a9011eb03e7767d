/** Sessions are processes, and a function can't be sent to one: it is loaded there from the module that exports it. */

import inspector from 'node:inspector';
import { pathToFileURL } from 'node:url';
import type { Reference } from '../config/config.ts';

/** A function that no other process can get hold of. */
export class NotExported extends Error {
  override readonly name = 'NotExported';
  constructor(name: string, where: string) {
    super(
      `the function ${name || 'without a name'} (${where}) can't be loaded by a session, which is a process of its own: ` +
        'export it, under its name, from a module that imports no test framework, or name it as { module, export }',
    );
  }
}

/**
 * Where a function comes from: asked of V8, since functions do not tell.
 *
 * @throws {NotExported} where it is not what its module exports under its name, or as default.
 */
export async function located(code: (...args: never[]) => unknown): Promise<Reference> {
  const url = sourceOf(code);
  if (url === undefined) throw new NotExported(code.name, 'from no file');
  const module = url.startsWith('file:') ? url : pathToFileURL(url).href;
  let exported: Record<string, unknown>;
  try {
    exported = (await import(module)) as Record<string, unknown>;
  } catch (error) {
    throw new NotExported(code.name, `${url}: ${(error as Error).message}`);
  }
  // A test runner may have an instance of the module that is its own: the same function is another value there.
  const found = Object.entries(exported).find(
    ([name, value]) =>
      typeof value === 'function' &&
      (value === code ||
        (value.name === code.name && name !== 'default') ||
        (name === 'default' && value.name === code.name)),
  );
  if (found === undefined) throw new NotExported(code.name, url);
  return { module, export: found[0] };
}

/** The file of a function. https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-getProperties */
function sourceOf(code: unknown): string | undefined {
  const session = new inspector.Session();
  session.connect();
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  const place = Symbol.for('collide-lab: a function whose module is asked for');
  const shared = globalThis as Record<symbol, unknown>;
  shared[place] = code;
  let script: string | undefined;
  try {
    session.post('Debugger.enable');
    const expression = `globalThis[Symbol.for(${JSON.stringify(place.description)})]`;
    session.post('Runtime.evaluate', { expression }, (_, { result }) => {
      session.post('Runtime.getProperties', { objectId: result.objectId! }, (__, { internalProperties }) => {
        const location = internalProperties?.find(({ name }) => name === '[[FunctionLocation]]');
        script = (location?.value?.value as { readonly scriptId: string } | undefined)?.scriptId;
      });
    });
  } finally {
    delete shared[place];
    session.disconnect();
  }
  return script === undefined ? undefined : urls.get(script) || undefined;
}
