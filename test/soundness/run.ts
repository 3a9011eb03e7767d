/** One session on its way through its program: the same for the brute-force reference and behind the gate. */

import { join } from 'node:path';
import * as calls from './calls.ts';
import { closedAtTheEnd, type Line, type SessionProgram } from './program.ts';

/** `waits`: it has given up what it had, and waits; `blocked`: it would, and nothing has happened. */
export type Progress = 'made' | 'blocked' | 'waits';

/** What the gate answers then, and no call of a program by itself. */
const GIVEN_UP = 'EIO';

export class Run {
  /** One for each instruction that was done, in words. */
  readonly answers: string[] = [];
  /** All calls fail from some point on, because nobody can go on: it has stopped there. */
  givenUp = false;
  readonly #root: string;
  readonly #lines: readonly Line[];
  readonly #slots = new Map<number, number>();
  /** Descriptors by which flock(2) has locked something: to ask again may give that back first. */
  readonly #locked = new Map<number, string>();
  #at = 0;
  #tries = 0;
  #read = '';
  #closing: number[];

  constructor(root: string, program: SessionProgram) {
    this.#root = root;
    this.#lines = program.lines;
    this.#closing = [...closedAtTheEnd(program)];
    for (const { slot, path, flags } of program.opened) this.#keep(slot, calls.open(join(root, path), flags));
  }

  /** What it does next, up to the closing of what it has open; undefined: it has ended. */
  get next(): Line | undefined {
    const line = this.#lines[this.#at];
    if (line !== undefined) return line;
    const [slot] = this.#closing;
    return slot === undefined ? undefined : { do: 'close', slot };
  }

  /**
   * Makes the next call, and takes note of its answer where it was the last try.
   *
   * @param reallyWaits asks for locks as the program does. Otherwise nothing ever waits.
   */
  step(reallyWaits: boolean): Progress {
    const line = this.next!;
    if (this.#at >= this.#lines.length) {
      this.#closing.shift();
      if (this.#perform(line, reallyWaits) === GIVEN_UP) this.givenUp = true;
      return 'made';
    }
    const waits = 'waits' in line && line.waits && !reallyWaits;
    const before = line.do === 'flock' ? this.#locked.get(this.#slots.get(line.slot) ?? -1) : undefined;
    const answer = this.#perform(line, reallyWaits);
    if (waits && answer === 'EAGAIN') return before === undefined ? 'blocked' : 'waits';
    this.#answered(line, answer);
    return 'made';
  }

  /** The kernel would refuse to let it wait. */
  refuse(error: string): void {
    this.#answered(this.next!, error);
  }

  /** The process that a lock of this one would wait for. */
  get inTheWay(): number | undefined {
    const line = this.next;
    if (line?.do !== 'fcntl' || line.ofd || !line.waits) return undefined;
    const fd = this.#slots.get(line.slot);
    return fd === undefined ? undefined : calls.inTheWay(fd, line.type, line.from, line.to);
  }

  /** Everything that is still open is closed. */
  end(): void {
    for (const slot of [...this.#slots.keys()]) this.#close(slot);
  }

  #answered(line: Line, answer: string): void {
    if (answer === GIVEN_UP) {
      this.givenUp = true;
      return;
    }
    const isFailed = /^E[A-Z0-9]+$/.test(answer);
    if (isFailed && ++this.#tries < (line.times ?? 1)) return;
    this.#tries = 0;
    this.answers.push(answer);
    this.#at++;
    if (line.stop === (isFailed ? 'failed' : 'well')) this.#at = this.#lines.length;
  }

  #keep(slot: number, fd: calls.Answer): string {
    if (calls.failed(fd)) return fd;
    this.#close(slot);
    this.#slots.set(slot, fd);
    return 'ok';
  }

  #close(slot: number): string {
    const fd = this.#slots.get(slot);
    if (fd === undefined) return 'EBADF';
    this.#slots.delete(slot);
    this.#locked.delete(fd);
    return said(calls.close(fd));
  }

  #perform(line: Line, reallyWaits: boolean): string {
    if ('slot' in line && line.do !== 'open' && line.do !== 'close') {
      const fd = this.#slots.get(line.slot);
      return fd === undefined ? 'EBADF' : this.#onDescriptor(line, fd, reallyWaits);
    }
    if (line.do === 'close') return this.#close(line.slot);
    return this.#onPath(line);
  }

  #onDescriptor(line: Line, fd: number, reallyWaits: boolean): string {
    switch (line.do) {
      case 'dup':
        return this.#keep(line.to, calls.dup(fd));
      case 'read': {
        const got = calls.read(fd, line.bytes, line.at);
        if (typeof got === 'string') return got;
        this.#read = got.text;
        return JSON.stringify(got.text);
      }
      case 'write':
        return said(calls.write(fd, line.data === '=' ? this.#read : line.data, line.at));
      case 'seek':
        return said(calls.seek(fd, line.to, line.from));
      case 'ftruncate':
        return said(calls.ftruncate(fd, line.size));
      case 'fchmod':
        return said(calls.fchmod(fd, line.mode));
      case 'fstat': {
        const found = calls.fstat(fd);
        return typeof found === 'string' ? found : `${line.see} ${found[line.see]}`;
      }
      case 'list': {
        const found = calls.list(fd);
        return typeof found === 'string' ? found : JSON.stringify(line.ordered ? found : [...found].sort());
      }
      case 'flock': {
        const answer = said(calls.flock(fd, line.type, line.waits && reallyWaits));
        if (answer !== 'ok' || line.type === 'none') this.#locked.delete(fd);
        else this.#locked.set(fd, line.type);
        return answer;
      }
      case 'fcntl':
        return said(calls.fcntl(fd, line.ofd, line.type, line.from, line.to, line.waits && reallyWaits));
      default:
        throw new Error(`${line.do} is no call on a descriptor`);
    }
  }

  #onPath(line: Line): string {
    const at = (path: string): string => join(this.#root, path);
    switch (line.do) {
      case 'open':
        return this.#keep(line.slot, calls.open(at(line.path), line.flags));
      case 'truncate':
        return said(calls.truncate(at(line.path), line.size));
      case 'stat': {
        const found = calls.stat(at(line.path), line.follows);
        return typeof found === 'string' ? found : `${line.see} ${found[line.see]}`;
      }
      case 'access':
        return said(calls.access(at(line.path), line.mode));
      case 'chmod':
        return said(calls.chmod(at(line.path), line.mode));
      case 'utimes':
        return said(calls.utimes(at(line.path), line.time));
      case 'link':
        return said(calls.link(at(line.from), at(line.path)));
      case 'symlink':
        return said(calls.symlink(line.target, at(line.path)));
      case 'readlink':
        return calls.readlink(at(line.path));
      case 'unlink':
        return said(calls.unlink(at(line.path)));
      case 'mkdir':
        return said(calls.mkdir(at(line.path)));
      case 'rmdir':
        return said(calls.rmdir(at(line.path)));
      case 'rename':
        return said(calls.rename(at(line.from), at(line.path), line.replaces));
      case 'setxattr':
        return said(calls.setxattr(at(line.path), line.value));
      case 'getxattr':
        return calls.getxattr(at(line.path));
      case 'removexattr':
        return said(calls.removexattr(at(line.path)));
      default:
        throw new Error(`${line.do} names no path`);
    }
  }
}

const said = (answer: calls.Answer): string => (calls.failed(answer) ? answer : answer === 0 ? 'ok' : `${answer}`);
