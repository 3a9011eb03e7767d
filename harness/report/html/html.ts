/** One self-contained page: an overview, and every finding step by step. The same report gives the same bytes. */

import { createHash } from 'node:crypto';
import type { Reporter } from '../report.ts';
import { pageScript, pageStyle } from './assets.ts';
import { faultOverview } from './fault-overview.ts';
import { filters } from './filters.ts';
import { head } from './head.ts';
import { legend } from './legend.ts';
import { html, json, type Markup } from './markup.ts';
import { overview, reasons } from './overview.ts';
import { allFindings } from './rows.ts';

export const htmlReport: Reporter = (report) => {
  const { results, faults } = report;
  const [script, style] = [pageScript(), pageStyle()];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>collide: ${results.options.targets.join(', ')}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<h1><a href="#">collide</a> <span>concurrency collision report</span></h1>
<button type="button" id="theme" hidden></button>
</header>
<main id="main" tabindex="-1">
<div id="all">
${head(report)}
<section aria-labelledby="overview-title">
<h2 id="overview-title">Targets and classes</h2>
${filters(results, faults)}
${overview(report)}
<p id="none" hidden>No row is left: these filters exclude each other.</p>
${reasons(report)}
</section>
${faults !== undefined && faultOverview(faults, report.scenarios)}
${legend(faults !== undefined)}
</div>
<article id="finding" aria-labelledby="finding-title" hidden></article>
<noscript><p class="notice">The executions behind the marks are shown by a script, which is switched off here.</p></noscript>
</main>
<div id="said" class="sr" role="status"></div>
${allFindings(report).map(
  (finding) => html`<script type="application/json" data-finding="${finding.id}">${json(finding)}</script>
`,
)}<script>${raw(script)}</script>
</body>
</html>
`;
  return page.markup;
};

/** Our own, as it stands there. */
const raw = (markup: string): Markup => ({ markup });

const hash = (text: string): Markup => raw(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
