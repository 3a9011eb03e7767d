import { element, say } from './dom.ts';

/** A command, and a button that copies it. */
export function command(text: string): HTMLElement {
  const code = element('code', {}, text);
  const button = element('button', { type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    const done = await copied(text, code);
    button.textContent = done ? 'Copied' : 'Selected: copy it';
    say(done ? 'The command is copied' : 'The command is selected');
  });
  return element('div', { class: 'copyable' }, code, button);
}

async function copied(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return false;
  }
}
