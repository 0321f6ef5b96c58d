import { useEffect, useRef } from 'react';

export interface Shortcut {
  /** One key (`n`), or two after each other (`g f`). */
  keys: string;
  label: string;
  run: () => void;
}

const PAUSE_MS = 1200;

/** Single letters only, never with Ctrl or Alt (those belong to the browser), and never while someone types. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    let first = '';
    let at = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const chord = first && event.timeStamp - at < PAUSE_MS ? `${first} ${event.key}` : event.key;
      const match = current.current.find((shortcut) => shortcut.keys === chord);
      first = match ? '' : event.key;
      at = event.timeStamp;
      if (!match) return;
      event.preventDefault();
      match.run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return Boolean(element?.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]'));
}
