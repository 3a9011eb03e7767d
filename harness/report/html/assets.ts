/** What runs and what styles the page: read once, from beside this file. */

import { readFileSync } from 'node:fs';
import * as module from 'node:module';
import { join } from 'node:path';

/** In order: each uses only what comes before it. */
const MODULES = [
  'dom',
  'address',
  'theme',
  'filters',
  'copying',
  'lanes',
  'state',
  'comparison',
  'walk',
  'finding',
  'main',
];

export const pageStyle = (): string => readFileSync(join(folder(), 'style.css'), 'utf8');

/**
 * The modules as one script, in a scope of its own. They have nothing of their own to hide from each other: their names differ.
 */
export function pageScript(): string {
  const texts = MODULES.map((name) => joinable(source(join(folder(), name))));
  return `(() => {\n'use strict';\n${texts.join('\n')}})();\n`;
}

/** Beside the source lies the source, beside what was built from it what was built. */
const folder = (): string => join(import.meta.dirname, 'page');

const isSource = import.meta.filename.endsWith('.ts');

const source = (path: string): string =>
  isSource ? withoutTypes(readFileSync(`${path}.ts`, 'utf8')) : readFileSync(`${path}.js`, 'utf8');

function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {}; // that it is experimental is no news for the user
  try {
    return module.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What is imported is there already, and nobody else is there to export to. */
const joinable = (text: string): string =>
  `${text
    .replaceAll(/^import\s[^;]*;$/gm, '')
    .replaceAll(/^export (?!\{)/gm, '')
    .replaceAll(/^export \{\};$/gm, '')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/\n{2,}/g, '\n')
    .trim()}\n`;
