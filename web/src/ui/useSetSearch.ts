import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

type Go = (to: { to: '.'; search: (now: object) => object; replace?: boolean }) => Promise<void>;

/** Changes some of the address's parameters and keeps the others; every page validates its own. */
export function useSetSearch() {
  const navigate = useNavigate() as unknown as Go;
  return useCallback(
    (change: object, replace = false) =>
      void navigate({ to: '.', search: (now) => ({ ...now, ...change }), replace }),
    [navigate],
  );
}
