import { githubReport } from './github.ts';
import { htmlReport } from './html/html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown-report.ts';
import { tableReport } from './overview.ts';
import type { Reporter } from './report.ts';
import { sarifReport } from './sarif.ts';

/** What `--reporter` can name. */
export const reporters = {
  table: tableReport,
  json: jsonReport,
  junit: junitReport,
  github: githubReport,
  sarif: sarifReport,
  markdown: markdownReport,
  html: htmlReport,
} as const satisfies Record<string, Reporter>;

export type ReporterName = keyof typeof reporters;
