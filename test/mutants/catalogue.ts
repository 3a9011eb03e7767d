/**
 * The fixes of the catalogue, each broken as people break them, with the scenario's own set-up and oracles. Every mutant
 * waits in its critical window until the others are there too, so the one interleaving that matters always happens:
 * whether it is found does not depend on luck.
 */

import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { Perform, Scenario, Session } from '../../harness/scenario/scenario.ts';
import activeTask from '../../scenarios/active-task.ts';
import buildMarker from '../../scenarios/build-marker.ts';
import contextTemplate from '../../scenarios/context-template.ts';
import dailyLog from '../../scenarios/daily-log.ts';
import evidenceIndex from '../../scenarios/evidence-index.ts';
import evidenceLedger from '../../scenarios/evidence-ledger.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';
import memoryNotes from '../../scenarios/memory-notes.ts';
import overrideToken from '../../scenarios/override-token.ts';
import { withFlock } from '../../scenarios/recipes/flock.ts';
import { readJson } from '../../scenarios/recipes/json.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import { compareAndSwap, newestVersion } from '../../scenarios/recipes/version-cas.ts';
import refreshToken from '../../scenarios/refresh-token.ts';
import sessionLock from '../../scenarios/session-lock.ts';
import taskList from '../../scenarios/task-list.ts';
import teamConfig from '../../scenarios/team-config.ts';
import verdictChain from '../../scenarios/verdict-chain.ts';

/** Waits until every writer has got this far. The files for it lie beside the resource. */
function meet(session: Session, place: string): void {
  writeFileSync(session.path('..', `meet-${place}-${session.index}`), '');
  for (let other = 0; other < session.writers; other++) {
    while (!existsSync(session.path('..', `meet-${place}-${other}`)));
  }
}

/** Lets session 1 go on only when session 0 has finished its operation. */
function afterTheFirst(session: Session, work: () => void): void {
  const finished = session.path('..', 'first-finished');
  if (session.index > 0) while (!existsSync(finished));
  work();
  writeFileSync(finished, '');
}

interface Item {
  readonly id: string;
}

const added = (items: readonly Item[], { id }: Session): string => JSON.stringify([...items, { id }]);
const history = (session: Session): string => session.path('history.json');
const lock = (session: Session): string => session.path('lock');

/** Read; meet; write by rename, with whatever is left of the lock around these. */
const cycle: Perform = (session) => {
  const read = readJson<readonly Item[]>(history(session));
  meet(session, 'read');
  replaceFile(history(session), session.uuid, added(read, session));
};

const line = ({ id }: Session): string =>
  JSON.stringify({ id, body: `${id} `.repeat(100 + Number(id.slice(1, 2)) * 10) });
const ledger = (session: Session): string => session.path('ledger.jsonl');

/** One mutant: the strategy it was made from, what was broken, and how that must show. */
interface Mutant {
  readonly of: Scenario;
  readonly fix: string;
  readonly shows: CollisionClass;
  readonly perform: Perform | string;
  readonly read?: Perform;
}

const mutants: Readonly<Record<string, Mutant>> = {
  'flock-without-the-lock': { of: instructionHistory, fix: 'flock', shows: 'LAST_WRITER_WINS', perform: cycle },
  'flock-on-a-file-of-ones-own': {
    of: instructionHistory,
    fix: 'flock',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => withFlock(session.path(`lock.${session.uuid}`), () => cycle(session)),
  },
  'flock-released-after-the-read': {
    of: instructionHistory,
    fix: 'flock',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const read = withFlock(lock(session), () => readJson<readonly Item[]>(history(session)));
      meet(session, 'read');
      withFlock(lock(session), () => replaceFile(history(session), session.uuid, added(read, session)));
    },
  },
  'flock-taken-after-the-read': {
    of: teamConfig,
    fix: 'flock',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const [file] = readdirSync(session.path()).filter((name) => name.endsWith('.json'));
      const team = readJson<{ readonly members: readonly unknown[] }>(session.path(file!));
      meet(session, 'read');
      const members = [...team.members, { id: session.id, name: session.id }];
      withFlock(lock(session), () =>
        replaceFile(session.path(file!), session.uuid, JSON.stringify({ ...team, members })),
      );
    },
  },
  'version-cas-by-rename': {
    of: instructionHistory,
    fix: 'version-cas',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const versions = session.path('versions');
      const temporary = join(versions, `${session.uuid}.tmp`);
      writeFileSync(temporary, added(readJson(newestVersion(versions)), session));
      meet(session, 'read');
      renameSync(temporary, join(versions, 'v1'));
    },
  },
  'version-cas-that-ignores-the-refusal': {
    of: instructionHistory,
    fix: 'version-cas',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      let tries = 0;
      try {
        compareAndSwap(session.path('versions'), session.uuid, (current) => {
          if (tries++ > 0) throw new Error('refused');
          meet(session, 'read');
          return added(JSON.parse(current) as readonly Item[], session);
        });
      } catch {
        // and says that it worked
      }
    },
  },
  'session-file-of-a-shared-name': {
    of: instructionHistory,
    fix: 'session-file-merge',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const file = session.path('sessions', 'session.json');
      const mine = existsSync(file) ? readJson<readonly Item[]>(file) : [];
      meet(session, 'read');
      replaceFile(file, session.uuid, added(mine, session));
    },
  },
  'append-in-two-writes': {
    of: evidenceLedger,
    fix: 'append-fsync',
    shows: 'TORN_LINES',
    perform: (session) => {
      const text = `${line(session)}\n`;
      appendFileSync(ledger(session), text.slice(0, 100));
      meet(session, 'first half');
      appendFileSync(ledger(session), text.slice(100));
    },
  },
  'append-without-o-append': {
    of: evidenceLedger,
    fix: 'append-fsync',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const fd = openSync(ledger(session), 'r+');
      const end = fstatSync(fd).size;
      meet(session, 'size');
      // The longer line last, so that it covers the shorter one.
      afterTheFirst(session, () => writeSync(fd, `${line(session)}\n`, end));
      closeSync(fd);
    },
  },
  'index-checked-outside-of-the-lock': {
    of: evidenceIndex,
    fix: 'flock',
    shows: 'DUPLICATE_ENTRY',
    perform: (session) => {
      const key = `evidence-${session.operation}`;
      const known = readFileSync(session.path('index.jsonl'), 'utf8').includes(key);
      meet(session, 'check');
      const entry = `${JSON.stringify({ key, by: session.id })}\n`;
      if (!known) withFlock(lock(session), () => appendFileSync(session.path('index.jsonl'), entry));
      return key;
    },
  },
  'marker-without-o-excl': {
    of: buildMarker,
    fix: 'exclusive-create',
    shows: 'DOUBLE_CONSUME',
    perform: (session) => {
      meet(session, 'open');
      writeFileSync(session.path('task-0.started'), session.id);
      return 'task-0';
    },
  },
  'pointer-without-the-session': {
    of: activeTask,
    fix: 'session-pointer',
    shows: 'CONTAMINATED',
    perform: (session) => {
      const own = `task of ${session.id}`;
      replaceFile(session.path('active-task'), session.uuid, own);
      meet(session, 'written');
      return { own, acted: readFileSync(session.path('active-task'), 'utf8') };
    },
  },
  'id-by-rename': {
    of: taskList,
    fix: 'link-id',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const temporary = session.path('tasks', `.${session.uuid}`);
      writeFileSync(temporary, JSON.stringify({ id: session.id }));
      const id = readdirSync(session.path('tasks')).filter((name) => /^\d/.test(name)).length + 1;
      meet(session, 'listed');
      renameSync(temporary, session.path('tasks', `${id}.json`));
      return id;
    },
  },
  'refresh-without-the-second-look': {
    of: refreshToken,
    fix: 'lock-then-reread',
    shows: 'DOUBLE_CONSUME',
    perform: (session) => {
      const { refreshToken: token } = readJson<{ readonly refreshToken: string }>(session.path('credentials.json'));
      meet(session, 'read');
      return withFlock(lock(session), () => {
        const accepted = !existsSync(session.path('issuer', token));
        writeFileSync(session.path('issuer', token), session.id);
        return { presented: token, accepted };
      });
    },
  },
  'notes-rewritten-instead-of-appended': {
    of: memoryNotes,
    fix: 'append',
    shows: 'LAST_WRITER_WINS',
    perform: (session) => {
      const notes = readFileSync(session.path('NOTES.md'), 'utf8');
      meet(session, 'read');
      writeFileSync(session.path('NOTES.md'), `${notes}- [x] item ${session.id}\n`);
    },
  },
  'rename-replaced-by-truncate-and-write': {
    of: contextTemplate,
    fix: 'rename',
    shows: 'TORN_STATE',
    perform: (session) => {
      const file = session.path('CONTEXT.md');
      const text = readFileSync(file, 'utf8');
      meet(session, 'read');
      if (session.index > 0) return;
      writeFileSync(file, '');
      while (!existsSync(session.path('..', 'seen-empty'))); // a reader looks now
      writeFileSync(file, text);
    },
    read: (session) => {
      if (statSync(session.path('CONTEXT.md')).size > 0) return;
      writeFileSync(session.path('..', 'seen-empty'), '');
      throw new SyntaxError('an empty document');
    },
  },
  'replaced-by-removal-and-write': {
    of: contextTemplate,
    fix: 'rename',
    shows: 'TORN_STATE',
    perform: (session) => {
      const file = session.path('CONTEXT.md');
      if (session.index > 0) return;
      const text = readFileSync(file, 'utf8');
      unlinkSync(file);
      writeFileSync(file, text.slice(0, 100));
    },
  },
  'mv-that-is-not-asked-whether-it-worked': {
    of: overrideToken,
    fix: 'cas-mv',
    shows: 'DOUBLE_CONSUME',
    perform: 'mv-unasked.sh',
  },
  'noclobber-without-noclobber': {
    of: sessionLock,
    fix: 'noclobber',
    shows: 'DOUBLE_CONSUME',
    perform: 'clobber.sh',
  },
  'chain-without-the-lock': { of: verdictChain, fix: 'flock', shows: 'FORKED_CHAIN', perform: 'chain-unlocked.sh' },
  'header-by-mv-instead-of-ln': {
    of: dailyLog,
    fix: 'link-header',
    shows: 'LAST_WRITER_WINS',
    perform: 'mv-header.sh',
  },
};

export const catalogue: readonly Scenario[] = Object.entries(mutants).map(
  ([id, { of, fix, shows, perform, read }]) => ({
    ...of,
    id,
    strategies: {
      [fix]: {
        does: id,
        truth: [shows],
        why: 'the fix is broken',
        operations: 1,
        perform:
          typeof perform === 'string'
            ? { kind: 'command', shell: 'sh', script: join(import.meta.dirname, 'scripts', perform) }
            : perform,
        ...(read === undefined ? {} : { read }),
      },
    },
  }),
);

export const catalogueUrl = import.meta.url;
