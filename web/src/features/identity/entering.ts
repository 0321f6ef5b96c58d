import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { NextStep } from '@/api/session';
import { stopViewing } from '@/api/view-as';

/** Only addresses of our own: a link must not send anyone elsewhere after signing in. */
export const ownAddress = (next: string | undefined): string =>
  next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/';

/** What follows a sign-in: the page that was wanted, or the second step before it. */
export function useEnter(next: string | undefined): (step: NextStep | undefined) => Promise<void> {
  const cache = useQueryClient();
  const navigate = useNavigate();
  return async (step) => {
    cache.clear();
    stopViewing();
    if (step) await navigate({ to: '/second-step', search: { next }, replace: true });
    else await navigate({ href: ownAddress(next), replace: true });
  };
}
