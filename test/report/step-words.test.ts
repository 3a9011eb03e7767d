import { describe, expect, test } from 'vitest';
import type { Access, Call, Step } from '../../harness/history/step.ts';
import { stepWords, visible } from '../../harness/report/step-words.ts';

const step = (call: Call, path: string, details: Partial<Step> = {}): Step => ({
  session: 0,
  operation: 0,
  call,
  path,
  accesses: [],
  ...details,
});

const looks: readonly Access[] = [{ object: 'entry ./log', mode: 'read' }];
const makes: readonly Access[] = [
  { object: 'entry ./log', mode: 'write' },
  { object: 'names .', mode: 'add' },
];

describe('stepWords', () => {
  const plain: Readonly<Record<Call, readonly [step: Step, words: string]>> = {
    open: [step('open', 'log'), 'open log'],
    read: [step('read', 'log', { data: 'one\n', bytes: 4 }), 'read log: one↵'],
    write: [step('write', 'log', { data: 'one\n', bytes: 4 }), 'write log: one↵'],
    truncate: [step('truncate', 'log'), 'set the length of log'],
    copy: [step('copy', 'log', { to: 'log.old' }), 'copy log → log.old'],
    stat: [step('stat', 'log'), 'stat log'],
    access: [step('access', 'log', { accesses: looks }), 'access log: there'],
    list: [step('list', ''), 'list .'],
    readlink: [step('readlink', 'current'), 'readlink current'],
    execute: [step('execute', 'tool'), 'execute tool'],
    rename: [step('rename', 'tmp', { to: 'log' }), 'rename tmp → log'],
    link: [step('link', 'tmp', { to: 'v1' }), 'link tmp → v1'],
    symlink: [step('symlink', 'current'), 'symlink current'],
    unlink: [step('unlink', 'token'), 'unlink token'],
    mkdir: [step('mkdir', 'x.lock'), 'mkdir x.lock'],
    rmdir: [step('rmdir', 'x.lock'), 'rmdir x.lock'],
    attributes: [step('attributes', 'log'), 'set attributes of log'],
    sync: [step('sync', 'log'), 'flush log (fsync)'],
    lock: [step('lock', 'x.lock'), 'lock x.lock'],
    trylock: [step('trylock', 'x.lock'), 'try to lock x.lock: got it'],
    unlock: [step('unlock', 'x.lock'), 'unlock x.lock'],
    close: [step('close', 'x.lock'), 'close x.lock, with any lock on it'],
    map: [step('map', 'x.db-shm'), 'map x.db-shm'],
    exit: [step('exit', '', { accesses: [{ object: 'lock x', mode: 'write' }] }), 'exit, giving its locks back'],
    sleep: [step('sleep', ''), 'sleep'],
    connect: [step('connect', 'Redis'), 'connect to Redis'],
    send: [step('send', 'Redis', { data: '*2\r\n$3\r\nGET\r\n$4\r\nlock\r\n', bytes: 23 }), 'send to Redis: GET lock'],
    receive: [step('receive', 'Redis', { data: '+OK\r\n', bytes: 65536 }), 'receive from Redis: +OK'],
    disconnect: [step('disconnect', 'Redis'), 'disconnect from Redis'],
    power: [step('power', ''), 'the power fails'],
  };
  test.each(Object.values(plain))('$1', (each, words) => expect(stepWords(each)).toBe(words));

  test('need not name the file', () => {
    const unnamed = (each: Step): string => stepWords(each, { named: false });
    expect(unnamed(step('read', 'log', { data: 'one', bytes: 3 }))).toBe('read one');
    expect(unnamed(step('write', 'log'))).toBe('write');
    expect(unnamed(step('trylock', 'x', { error: 'EAGAIN' }))).toBe('try to lock: taken');
    expect(unnamed(step('unlock', 'x'))).toBe('unlock');
    expect(unnamed(step('sync', 'log'))).toBe('flush (fsync)');
    expect(unnamed(step('stat', 'log', { accesses: looks }))).toBe('stat: there');
    expect(unnamed(step('attributes', 'log'))).toBe('set attributes');
    expect(unnamed(step('truncate', 'log'))).toBe('set the length');
    expect(unnamed(step('rename', 'a', { to: 'b' }))).toBe('rename a → b');
  });

  test('may leave out the data, not the result', () => {
    const words = (each: Step): string => stepWords(each, { data: false });
    expect(words(step('read', 'log', { data: 'one', bytes: 3 }))).toBe('read log');
    expect(words(step('read', 'log', { data: '', bytes: 0 }))).toBe('read log');
    expect(words(step('stat', 'log', { error: 'ENOENT' }))).toBe('stat log: not there');
  });

  test.each<[flags: readonly string[], details: Partial<Step>, words: string]>([
    [[], { error: 'ENOENT' }, 'open log: not there'],
    [['APPEND'], {}, 'open log to append'],
    [['TRUNC'], {}, 'open log, emptying it'],
    [['TRUNC', 'APPEND'], {}, 'open log to append, emptying it'],
    [['CREAT'], { accesses: looks }, 'open log'],
    [['CREAT', 'TRUNC'], { accesses: looks }, 'open log, emptying it'],
    [['CREAT', 'TRUNC'], { accesses: makes }, 'create log'],
    [['CREAT', 'APPEND'], { accesses: makes }, 'create log to append'],
    [['CREAT', 'EXCL'], { accesses: makes }, 'create log, if not there'],
    [['CREAT', 'EXCL'], { accesses: looks, error: 'EEXIST' }, 'create log, if not there: already there'],
    [['CREAT'], { accesses: looks, error: 'ENOENT' }, 'create log: no directory for it'],
  ])('open with %j and %j', (flags, details, words) => {
    expect(stepWords(step('open', 'log', { flags, ...details }))).toBe(words);
  });

  test('says "open or create" where it is not known which', () => {
    const { accesses: _, ...unknown } = step('open', 'log', { flags: ['CREAT'] });
    expect(stepWords(unknown)).toBe('open or create log');
  });

  test.each<[call: Call, error: string, words: string]>([
    ['stat', 'ENOENT', 'stat x: not there'],
    ['mkdir', 'EEXIST', 'mkdir x: already there'],
    ['mkdir', 'ENOENT', 'mkdir x: no directory for it'],
    ['symlink', 'ENOENT', 'symlink x: no directory for it'],
    ['rmdir', 'ENOTEMPTY', 'rmdir x: not empty'],
    ['open', 'ENOTDIR', 'open x: not a directory'],
    ['read', 'EISDIR', 'read x: a directory'],
    ['open', 'EACCES', 'open x: not allowed'],
    ['unlink', 'EPERM', 'unlink x: not allowed'],
    ['open', 'ELOOP', 'open x: links in a circle'],
    ['rename', 'EXDEV', 'rename x: on another file system'],
    ['write', 'ENOSPC', 'write x: no space left'],
    ['write', 'EIO', 'write x: EIO'],
    ['trylock', 'EAGAIN', 'try to lock x: taken'],
    ['trylock', 'EWOULDBLOCK', 'try to lock x: taken'],
    ['trylock', 'EACCES', 'try to lock x: taken'],
    ['lock', 'EDEADLK', 'lock x: EDEADLK'],
  ])('%s that ends with %s', (call, error, words) => {
    expect(stepWords(step(call, 'x', { error }))).toBe(words);
  });

  test('two paths, one of them outside', () => {
    expect(stepWords(step('link', 'tmp', { to: 'v1', error: 'EEXIST' }))).toBe('link tmp → v1: already there');
    expect(stepWords(step('rename', 'a', { to: 'b', flags: ['NOREPLACE'] }))).toBe('rename a → b, if not there');
    expect(stepWords(step('rename', '/', { to: 'log' }))).toBe('rename a file elsewhere → log');
    expect(stepWords(step('copy', 'log', { to: '/' }))).toBe('copy log → elsewhere');
  });

  test('an end of file means something else where it comes first', () => {
    const end = step('read', 'log', { data: '', bytes: 0 });
    expect(stepWords(end)).toBe('read log: nothing more');
    expect(stepWords(end, { named: false, first: true })).toBe('read: empty');
    expect(stepWords(step('write', 'log', { data: '', bytes: 0 }))).toBe('write log: nothing');
  });

  test('shows both ends of long data, and how long they are', () => {
    const data = `{"id":"s0.0","body":"${'s0.0 '.repeat(40)}"}\n`;
    expect(stepWords(step('write', 'log', { data, bytes: data.length }))).toBe(
      'write log: {"id":"s0.0","body":"s0.0 s0.0 s0.0 s0.0…0 s0.0 s0.0 s0.0 "}↵ (224 bytes)',
    );
  });

  test('shows the beginning where only that was kept', () => {
    expect(stepWords(step('read', 'log', { data: 'a'.repeat(70), bytes: 900 }))).toBe(
      `read log: ${'a'.repeat(60)}… (900 bytes)`,
    );
    expect(stepWords(step('read', 'log', { data: 'ab', bytes: 9 }))).toBe('read log: ab… (9 bytes)');
    expect(stepWords(step('read', 'log', { bytes: 9 }), { named: false })).toBe('read 9 bytes');
  });

  test('an exit without locks gives none back', () => {
    expect(stepWords(step('exit', ''))).toBe('exit');
  });
});

describe('visible', () => {
  test('shows what does not show itself', () => {
    expect(visible('a\tb\0c\u001b[31m\u007f\n', 60)).toBe('a␉b␀c␛[31m␡↵');
    expect(visible('\u0085\u200d\u202e\u2028\ud800', 60)).toBe('\\u{85}\\u{200d}\\u{202e}\\u{2028}\\u{d800}');
  });

  test('leaves readable text alone, in any script', () => {
    expect(visible('Größe 大小 🙂 \\n "x"', 60)).toBe('Größe 大小 🙂 \\n "x"');
  });

  test('cuts between characters', () => {
    expect(visible('🙂'.repeat(7), 6)).toBe('🙂🙂🙂🙂…🙂🙂');
    expect(visible('123456', 6)).toBe('123456');
  });
});
