import { address, filterNames, setAddress } from './address.ts';
import { byId } from './dom.ts';

type Filter = Readonly<Record<(typeof filterNames)[number], string>>;

const form = (): HTMLFormElement => byId('filters') as HTMLFormElement;

const rows = (): readonly HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>('#all tr.row')];

export function startFilters(): void {
  form().hidden = false;
  form().addEventListener('submit', (event) => event.preventDefault());
  form().addEventListener('input', () => {
    const chosen = new FormData(form());
    setAddress(Object.fromEntries(filterNames.map((name) => [name, String(chosen.get(name) ?? '')])), false);
    applyFilters();
  });
  form().addEventListener('reset', (event) => {
    event.preventDefault();
    setAddress(Object.fromEntries(filterNames.map((name) => [name, undefined])), false);
    applyFilters();
  });
}

/** Shows the rows that the address asks for, and puts the controls right. */
export function applyFilters(): void {
  const params = address();
  const filter = Object.fromEntries(filterNames.map((name) => [name, params.get(name) ?? ''])) as Filter;
  for (const name of filterNames) {
    const control = form().elements.namedItem(name);
    if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = filter[name] !== '';
    else if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) control.value = filter[name];
  }
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  let [shown, all] = [0, 0];
  const groups = new Map<Element, boolean>();
  for (const row of rows()) {
    const matches = passes(row, filter, words);
    if (row.hidden === matches) row.hidden = !matches;
    const group = row.parentElement!;
    groups.set(group, groups.get(group) === true || matches);
    all++;
    if (matches) shown++;
  }
  for (const [group, some] of groups) (group as HTMLElement).hidden = !some;
  byId('shown').textContent = shown === all ? `${all} rows` : `${shown} of ${all} rows`;
  byId('none').hidden = shown > 0;
  const underFaults = document.getElementById('under-faults');
  if (underFaults !== null) underFaults.hidden = underFaults.querySelector('tr.row:not([hidden])') === null;
}

function passes(row: HTMLTableRowElement, filter: Filter, words: readonly string[]): boolean {
  const { search = '', classes = '', status = '', priority, unexpected } = row.dataset;
  return (
    words.every((word) => search.includes(word)) &&
    (filter.class === '' || classes.split(' ').includes(filter.class)) &&
    (filter.status === '' || status.split(' ').includes(filter.status)) &&
    (filter.priority === '' || priority === filter.priority) &&
    (filter.unexpected === '' || unexpected !== undefined)
  );
}

/** The findings of the rows that are shown, in order. */
export const shownFindings = (): readonly string[] =>
  rows()
    .filter((row) => !row.hidden)
    .flatMap((row) => [...row.querySelectorAll<HTMLAnchorElement>('a[href^="#finding="]')])
    .map(({ hash }) => new URLSearchParams(hash.slice(1)).get('finding')!);
