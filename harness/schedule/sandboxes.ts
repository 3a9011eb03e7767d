import { rmSync } from 'node:fs';
import { type Janitor, startJanitor } from '../session/janitor.ts';
import type { Sandbox } from './sandbox.ts';

/** Work in directories of its own, which are gone in the end, whatever way this process ends in. */
export async function withSandboxes<Name extends string, T>(
  make: Readonly<Record<Name, () => Promise<Sandbox>>>,
  work: (paths: Readonly<Record<Name, string>>) => Promise<T>,
): Promise<T> {
  const made: (readonly [Name, Sandbox])[] = [];
  const onExit = (): void => {
    for (const [, { path }] of made) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  };
  process.on('exit', onExit); // where something is thrown that nobody waits for
  let janitor: Janitor | undefined;
  try {
    for (const name of Object.keys(make) as Name[]) made.push([name, await make[name]()]);
    const paths = made.map(([name, { path }]) => [name, path] as const);
    janitor = startJanitor(paths.map(([, path]) => path));
    return await work(Object.fromEntries(paths) as Record<Name, string>);
  } finally {
    await Promise.all(made.map(([, sandbox]) => sandbox.remove()));
    janitor?.dismiss();
    process.off('exit', onExit);
  }
}
