import type { ReactNode } from 'react';
import { useMay } from '@/api/abilities';
import { type FactRef, factKey } from '@/lib/facts';
import { TextButton } from './TextButton';
import { useSetSearch } from './useSetSearch';

/** Opens a recorded fact, for those who may read what was recorded: what it says, its history, its correction. */
export function FactButton({ children, ...fact }: FactRef & { children: ReactNode }) {
  const setSearch = useSetSearch();
  const mayRead = useMay('history.read');
  if (!mayRead) return <>{children}</>;
  return <TextButton onClick={() => setSearch({ fact: factKey(fact) })}>{children}</TextButton>;
}
