/** What processes load for targets of the user's own: the URL says where they are written down. See `catalogueUrl`. */

import type { Scenario } from '../scenario/scenario.ts';
import { scenariosOf, type Written } from './load.ts';

const { searchParams } = new URL(import.meta.url);
const builtIn = searchParams.get('builtIn');
const others =
  builtIn === null ? [] : ((await import(builtIn)) as { readonly catalogue: readonly Scenario[] }).catalogue;

export const catalogue: readonly Scenario[] = [
  ...others,
  ...(await scenariosOf(JSON.parse(searchParams.get('written')!) as Written)),
];
