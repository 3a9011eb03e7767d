import type { Files } from '../harness/history/execution.ts';
import { noEntryTwice, wholeLines } from '../harness/oracle/entries.ts';
import type { Oracle } from '../harness/oracle/finding.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { appendedSlowly } from './kinds/under-faults.ts';

const HEADER =
  /^# Daily log \d{4}-\d\d-\d\d: one line for each message of a session, in the order of their arrival\n/gm;

/** Operation k of every session writes to the log of day k, so that each execution has many first writes. */
const logsIn = (final: Files): readonly string[] => Object.keys(final).filter((path) => /^log-\d+$/.test(path));

const headersIn = (final: Files): readonly string[] =>
  logsIn(final).flatMap((log) => final[log]!.match(HEADER)?.map(() => `the header of ${log}`) ?? []);

/** The id of a whole message: `ID ready`. */
const idOfMessage = (line: string): string | undefined => /^(s\d+\.\d+) ready$/.exec(line)?.[1];

/** What remains of all logs without the headers is whole messages. */
const wholeMessages: Oracle = (execution) => {
  const messages = logsIn(execution.final).map((log) => execution.final[log]!.replaceAll(HEADER, ''));
  return wholeLines('messages', idOfMessage)({ ...execution, final: { messages: messages.join('') } });
};

export default defineScenario({
  id: 'daily-log',
  priority: 'P2',
  source: 'P2-4',
  resource: 'log of the day: a header, then one message a line',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a hook script (sh), one message at a time; the first of the day writes the header',
  audit: 'low, benign',
  fix: 'link-header',
  operations: 8,
  setup: () => {},
  oracles: [wholeMessages, noEntryTwice(headersIn)],

  strategies: {
    'check-header': {
      does: '`[ -f log ] || date > log`, then `echo message >> log`',
      truth: ['LAST_WRITER_WINS'],
      may: ['TORN_LINES'], // where several messages lie under the header, and it covers only a part of the last
      why: "Both find no log; B's `>` empties it after A has written header and message, or B's header, written at offset 0, covers A's message: A's message is gone.",
      perform: sh('daily-log/check-header.sh'),
    },
    'append-header': {
      does: '`[ -f log ] || echo header >> log`, then `echo message >> log`',
      truth: ['DUPLICATE_ENTRY'],
      why: "Nothing is overwritten, but B's check comes before A creates the log: two headers.",
      perform: sh('daily-log/append-header.sh'),
    },
    'exclusive-header': {
      does: '`set -C`, header `> log`, then `echo message >> log`',
      truth: ['LAST_WRITER_WINS'],
      may: ['TORN_LINES'], // as above
      why: "O_EXCL lets A alone create the log, but A's header is written at offset 0 a step later, over the message that B has appended in between.",
      perform: sh('daily-log/exclusive-header.sh'),
    },
    'link-header': {
      does: 'header into a temporary file, `ln` into place, then `echo message >> log`',
      truth: 'SAFE',
      why: 'link(2) succeeds for one caller only, and the log appears with its header in it; all else is appended.',
      cost: 'A temporary file for each session that finds no log yet, named after its process id: not for containers that share a volume. Takes hard links, which FAT and some network file systems do not have.',
      underFaults: {
        ...appendedSlowly,
        short: {
          ...appendedSlowly.short,
          may: [...appendedSlowly.short.may, 'LAST_WRITER_WINS'], // where it is cut within the id
        },
        pids: {
          truth: ['LAST_WRITER_WINS'],
          why: "Both write one temporary file, which is the log once it is linked: B empties it between A's write and A's ln, and writes its header over the message that A appends.",
          shownBy: 'daily-log/link-header:2+1:0@link:log-0.header.2,1@write:log-0.header.2,0~same-pids',
        },
      },
      perform: sh('daily-log/link-header.sh'),
    },
  },
});
