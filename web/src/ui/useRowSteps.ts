import { useLayoutEffect, useRef } from 'react';
import { useShortcuts } from './shell/shortcuts';

/** j and k go from row to row of a list, from its first one where none is open. */
export function useRowSteps(
  what: string,
  ids: readonly number[],
  open: number | undefined,
  go: (id: number) => void,
) {
  // The next key goes on from where the last one led, though the page may still be on its way there.
  const current = useRef(open);
  useLayoutEffect(() => {
    current.current = open;
  }, [open]);
  const step = (by: number) => () => {
    const at = ids.findIndex((id) => id === current.current);
    const next = ids[at < 0 ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1)];
    if (next === undefined) return;
    current.current = next;
    go(next);
  };
  useShortcuts([
    { keys: 'j', label: `Next ${what}`, run: step(1), repeats: true },
    {
      keys: 'k',
      label: `${what.charAt(0).toUpperCase()}${what.slice(1)} before`,
      run: step(-1),
      repeats: true,
    },
  ]);
}
