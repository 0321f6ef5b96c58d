import { useLayoutEffect, useRef } from 'react';

export interface Shortcut {
  /** One key (`n`), or `g` and another after it (`g f`). */
  keys: string;
  label: string;
  run: () => void;
  /** Goes on while the key is held down; what decides something never does. */
  repeats?: boolean;
}

/** The first of every two; any other key stands for itself, whatever was pressed before it. */
const LEADER = 'g';
const PAUSE_MS = 1200;

/** Single letters only, never with Ctrl or Alt (those belong to the browser), and never while someone types. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const current = useRef(shortcuts);
  // With the page that shows them and not after it is painted: the next key may be there before.
  useLayoutEffect(() => {
    current.current = shortcuts;
  });
  useLayoutEffect(() => {
    let first = '';
    let at = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const chord = first && event.timeStamp - at < PAUSE_MS ? `${first} ${event.key}` : event.key;
      const match = current.current.find((shortcut) => shortcut.keys === chord);
      first = !match && event.key === LEADER ? LEADER : '';
      at = event.timeStamp;
      if (!match) return;
      event.preventDefault();
      if (!event.repeat || match.repeats) match.run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return Boolean(element?.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]'));
}
