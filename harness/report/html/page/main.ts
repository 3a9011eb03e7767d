import { address, addressWith } from './address.ts';
import { byId, element } from './dom.ts';
import { applyFilters, shownFindings, startFilters } from './filters.ts';
import { findingOf, findingView } from './finding.ts';
import { startTheme } from './theme.ts';

let opened: string | undefined;
/** How far the overview was scrolled. */
let scrolled = 0;
const title = document.title;

/** Shows what the address asks for. */
function route(): void {
  const params = address();
  const id = params.get('finding') ?? undefined;
  applyFilters();
  if (id === undefined && opened === undefined) return;
  const [all, article] = [byId('all'), byId('finding')];
  if (opened === undefined) scrolled = scrollY;
  const before = opened;
  opened = id;
  all.hidden = id !== undefined;
  article.hidden = id === undefined;
  if (id === undefined) {
    article.replaceChildren();
    document.title = title;
    scrollTo(0, scrolled);
    linkTo(before)?.focus({ preventScroll: true });
    return;
  }
  const finding = findingOf(id);
  if (finding === undefined) {
    const heading = element('h2', { id: 'finding-title', tabindex: -1 }, 'No such finding');
    article.replaceChildren(
      element('p', {}, element('a', { href: addressWith({ finding: undefined, step: undefined }) }, '← All targets')),
      heading,
      element('p', {}, 'This report has none of the name ', element('code', {}, id), '.'),
    );
  } else {
    const step = Number(params.get('step') ?? undefined);
    article.replaceChildren(...findingView(finding, shownFindings(), Number.isInteger(step) ? step : undefined));
    document.title = `${id} – ${title}`;
  }
  scrollTo(0, 0);
  byId('finding-title').focus({ preventScroll: true });
}

const linkTo = (id: string | undefined): HTMLAnchorElement | undefined =>
  [...document.querySelectorAll<HTMLAnchorElement>('#all a[href^="#finding="]')].find(
    ({ hash }) => new URLSearchParams(hash.slice(1)).get('finding') === id,
  );

startTheme();
startFilters();
addEventListener('hashchange', route);
document.addEventListener('click', (event) => {
  // A link of the overview keeps what it is narrowed down to.
  const link =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('#all a[href^="#finding="]') : null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  location.hash = addressWith({ finding: new URLSearchParams(link.hash.slice(1)).get('finding')!, step: undefined });
});
document.querySelector('.skip')!.addEventListener('click', (event) => {
  event.preventDefault(); // the address says what is shown
  byId('main').focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || opened === undefined) return;
  location.hash = addressWith({ finding: undefined, step: undefined });
});
route();
