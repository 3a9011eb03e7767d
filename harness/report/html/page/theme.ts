import { byId, remember, remembered } from './dom.ts';

const THEME = 'collide-theme';

/** As the system has it, until somebody says otherwise. */
export function startTheme(): void {
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const known = remembered(THEME);
  let chosen = known === 'dark' || known === 'light' ? known : undefined;
  const show = (): void => {
    if (chosen === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    button.textContent = other() === 'dark' ? 'Dark' : 'Light';
    button.setAttribute('aria-label', `Switch to ${other()} colours`);
  };
  const other = (): 'dark' | 'light' => ((chosen ?? (system.matches ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark');
  button.addEventListener('click', () => {
    chosen = other();
    remember(THEME, chosen);
    show();
  });
  system.addEventListener('change', show);
  button.hidden = false;
  show();
}
