import type { ReactNode } from 'react';

interface Props {
  /** Why; without it, nothing is struck through. */
  by: string | null | undefined;
  word?: string;
  children: ReactNode;
}

/** Struck through where it was taken back; the reason on hover and aloud. */
export function Struck({ by, word = 'Voided', children }: Props) {
  if (by === null || by === undefined) return <>{children}</>;
  return (
    <del className="na" title={`${word}: ${by}`}>
      {children}
      <span className="sr-only"> ({word.toLowerCase()})</span>
    </del>
  );
}
