/** Annotations of GitHub Actions: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */

import { type Concern, concernsOf, type Level, levels } from './concerns.ts';
import type { Report, Reporter } from './report.ts';
import { byReplay, quoted } from './timeline.ts';

/** Of each level, in one step: more are thrown away by GitHub without a word. */
const ANNOTATIONS_MAX = 10;

/** A line for each thing that needs attention; nothing, where nothing does. */
export const githubReport: Reporter = (report) => {
  const concerns = concernsOf(report);
  const lines = levels.flatMap((level) =>
    ofLevel(
      level,
      concerns.filter((concern) => concern.level === level),
      report,
    ),
  );
  return lines.map((line) => `${line}\n`).join('');
};

function ofLevel(level: Level, concerns: readonly Concern[], report: Report): readonly string[] {
  const fit = concerns.length <= ANNOTATIONS_MAX;
  const shown = fit ? concerns : concerns.slice(0, ANNOTATIONS_MAX - 1);
  const rest = concerns.slice(shown.length).map(({ name, title }) => `${name}: ${title}`);
  return [
    ...shown.map((concern) => annotation(concern, report)),
    ...(fit
      ? []
      : [
          command(
            level,
            { title: `collide: ${rest.length} more` },
            `GitHub shows ${ANNOTATIONS_MAX} of a kind. The others, which the summary explains:\n${rest.join('\n')}`,
          ),
        ]),
  ];
}

function annotation({ level, target, name, title, message, replays }: Concern, report: Report): string {
  const { places = {}, replayWith = byReplay } = report;
  const place = target === undefined || !Object.hasOwn(places, target) ? undefined : places[target];
  const how = replays.map((replay) => replayWith(quoted(replay)));
  return command(
    level,
    { ...(place === undefined ? {} : { file: place.path, line: String(place.line) }), title: `${name}: ${title}` },
    [message, ...how].join('\n'),
  );
}

function command(level: Level, properties: Readonly<Record<string, string>>, message: string): string {
  const said = Object.entries(properties).map(([key, value]) => `${key}=${inProperty(value)}`);
  return `::${level} ${said.join(',')}::${inData(message)}`;
}

/** An end of line would end the command, and what follows could be one of its own. */
const inData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const inProperty = (text: string): string => inData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
