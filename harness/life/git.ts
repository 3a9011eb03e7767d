/** Where git keeps what a checkout, a reset, a merge or a stash moves: gitrepository-layout(5). */

import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const gitActivity = (path: string): boolean =>
  /(^|\/)\.git\/(index|HEAD|ORIG_HEAD|MERGE_HEAD)(\.lock)?$/.test(path);

export interface GitWatch {
  close(): void;
}

/** The repository that a directory belongs to, where its own directory lies elsewhere: above, or of a worktree. */
export function watchEnclosingRepository(dir: string, moved: () => void): GitWatch {
  const place = repositoryOf(dir);
  if (place === undefined) return { close: () => {} };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(place, (_, name) => {
      if (name !== null && gitActivity(`.git/${name}`)) moved();
    });
    watcher.on('error', () => watcher?.close()); // it is gone: nothing moves there any more
  } catch {
    // It may not be looked at: then nothing is known of it.
  }
  return { close: () => watcher?.close() };
}

function repositoryOf(dir: string): string | undefined {
  for (let at = dir; ; at = dirname(at)) {
    const git = join(at, '.git');
    const found = statSync(git, { throwIfNoEntry: false });
    if (found?.isDirectory()) return at === dir ? undefined : git;
    if (found?.isFile()) return pointedTo(git, at);
    if (dirname(at) === at) return undefined;
  }
}

/** `gitdir: PATH`: gitrepository-layout(5). */
function pointedTo(file: string, at: string): string | undefined {
  try {
    const path = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return path === undefined ? undefined : resolve(at, path);
  } catch {
    return undefined;
  }
}
