import type { ReactNode } from 'react';

/** Struck through where it was taken back; the reason on hover and aloud. */
export function Struck({ by, children }: { by: string | null | undefined; children: ReactNode }) {
  if (by === null || by === undefined) return <>{children}</>;
  return (
    <del className="na" title={`Voided: ${by}`}>
      {children}
      <span className="sr-only"> (voided)</span>
    </del>
  );
}
