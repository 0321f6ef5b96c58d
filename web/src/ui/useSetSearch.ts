import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

type Go = (to: { to: '.'; search: (now: object) => object; replace?: boolean }) => Promise<void>;

type Change = object | ((now: Record<string, unknown>) => object);

/**
 * Changes some of the address's parameters and keeps the others; every page validates its own. What follows from the
 * address is given as a function of it: the page may still show the one before.
 */
export function useSetSearch() {
  const navigate = useNavigate() as unknown as Go;
  return useCallback(
    (change: Change, replace = false) =>
      void navigate({
        to: '.',
        search: (now) => ({
          ...now,
          ...(typeof change === 'function' ? change(now as Record<string, unknown>) : change),
        }),
        replace,
      }),
    [navigate],
  );
}
