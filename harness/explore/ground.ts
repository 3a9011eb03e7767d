import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { entriesIn } from '../history/entries.ts';
import type { Files } from '../history/execution.ts';
import { textOf } from '../history/text.ts';
import { type Disk, materialise } from '../powerloss/disk.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** All that is in a directory. */
interface Contents {
  readonly files: Files;
  /** Of the files that are no text. */
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly directories: ReadonlySet<string>;
  /** Of the files and directories, the root included under ''. */
  readonly stats: ReadonlyMap<string, Stats>;
  /** Where symbolic links lead. */
  readonly links: ReadonlyMap<string, string>;
  /** Hard links, FIFOs, sockets: what can't be put back by writing a file. */
  readonly others: readonly string[];
}

/**
 * The directory that executions take place in, one after another. Only what the last one changed is put back: to make
 * everything anew would take longer than most executions do.
 */
export class Ground {
  readonly root: string;
  #scenario: Scenario | undefined;
  #fresh: Contents | undefined;
  #now: Contents;
  /** What the directory itself is like before a scenario sets anything up. */
  readonly #bare: Stats;
  /** Something has changed that is not seen in the contents: see `spoil`. */
  #spoilt = false;

  /** @param root an existing directory, of which the content is lost. */
  constructor(root: string) {
    this.root = root;
    this.#now = contentsOf(root);
    this.#bare = statSync(root);
  }

  /** From now on, executions begin with what this scenario sets up. */
  prepare(scenario: Scenario): void {
    this.#scenario = scenario;
    this.#fresh = undefined;
  }

  /** Makes everything as it is before an execution. */
  restore(): void {
    if (this.#fresh === undefined || this.#spoilt || this.#now.others.length > 0) this.#setUp();
    else this.#putBack(this.#fresh);
    this.#spoilt = false;
  }

  /**
   * What can't be seen in the contents, and will not be as it was if only they are put back: extended attributes, the order in which
   * entries were made. All is to be made anew.
   */
  spoil(): void {
    this.#spoilt = true;
  }

  /** Makes everything as a disk has it. */
  place(disk: Disk): void {
    this.#clear();
    materialise(disk, this.root);
  }

  /** What the execution has left. To be called once after each: the next `restore` goes by it. */
  leftovers(): Files {
    this.#now = contentsOf(this.root);
    return this.#now.files;
  }

  #setUp(): void {
    this.#clear();
    chownSync(this.root, this.#bare.uid, this.#bare.gid);
    chmodSync(this.root, this.#bare.mode);
    this.#scenario!.setup(this.root);
    const made = contentsOf(this.root);
    // Times are put back to the millisecond: an execution on what has just been made must not begin with more exact ones.
    for (const [path, { atime, mtime }] of made.stats) utimesSync(join(this.root, path), atime, mtime);
    this.#fresh = made.others.length === 0 ? contentsOf(this.root) : undefined;
  }

  #clear(): void {
    for (const name of readdirSync(this.root)) rmSync(join(this.root, name), { recursive: true });
  }

  #putBack(fresh: Contents): void {
    const { files, directories, links } = this.#now;
    for (const [path, target] of links) if (fresh.links.get(path) !== target) unlinkSync(join(this.root, path));
    for (const path of Object.keys(files)) if (fresh.files[path] === undefined) unlinkSync(join(this.root, path));
    for (const path of directories) {
      if (!fresh.directories.has(path)) rmSync(join(this.root, path), { recursive: true, force: true });
    }
    for (const path of fresh.directories) if (!directories.has(path)) mkdirSync(join(this.root, path));
    for (const [path, target] of fresh.links) {
      if (links.get(path) !== target) symlinkSync(target, join(this.root, path));
    }
    for (const [path, content] of Object.entries(fresh.files)) {
      const bytes = fresh.bytes.get(path);
      const same = bytes === undefined ? files[path] === content : this.#now.bytes.get(path)?.equals(bytes) === true;
      if (!same) writeFileSync(join(this.root, path), bytes ?? content);
      resetAttributes(join(this.root, path), fresh.stats.get(path)!, this.#now.stats.get(path), !same);
    }
    // What is done in a directory changes its times: the deepest come first, the root last.
    for (const path of ['', ...fresh.directories].reverse()) {
      const at = join(this.root, path);
      resetAttributes(at, fresh.stats.get(path)!, statSync(at), false);
    }
  }
}

/** @param now what it was like before it was put back; undefined: it was not there. */
function resetAttributes(path: string, fresh: Stats, now: Stats | undefined, written: boolean): void {
  if (now?.uid !== fresh.uid || now.gid !== fresh.gid) chownSync(path, fresh.uid, fresh.gid);
  // Who writes or gives away a file takes its set-user-ID bit (write(2), chown(2)).
  if (now?.mode !== fresh.mode || (fresh.mode & 0o6000) !== 0) chmodSync(path, fresh.mode);
  const timely = now?.mtimeMs === fresh.mtimeMs && now.atimeMs === fresh.atimeMs;
  if (written || !timely) utimesSync(path, fresh.atime, fresh.mtime);
}

/** Directories come before what is in them. */
function contentsOf(root: string): Contents {
  const files: Record<string, string> = Object.create(null); // a file may be called like a property of all objects
  const bytes = new Map<string, Buffer>();
  const stats = new Map<string, Stats>();
  const directories = new Set<string>();
  const links = new Map<string, string>();
  const others: string[] = [];
  const walk = (below: string): void => {
    for (const entry of entriesIn(join(root, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile()) {
        const content = readFileSync(`${root}/${path}`);
        const text = textOf(content);
        files[path] = text;
        if (text.includes('\uFFFD') || !text.isWellFormed()) bytes.set(path, content);
        const found = statSync(`${root}/${path}`);
        stats.set(path, found);
        if (found.nlink > 1) others.push(path);
      } else if (entry.isDirectory()) {
        directories.add(path);
        stats.set(path, statSync(`${root}/${path}`));
        walk(path);
      } else if (entry.isSymbolicLink()) links.set(path, readlinkSync(`${root}/${path}`));
      else others.push(path);
    }
  };
  stats.set('', statSync(root));
  walk('');
  return { files, bytes, directories, stats, links, others };
}
