import { NA } from '@/lib/format';

/** A dash on screen, the reason on hover and aloud. */
export function NotAvailable({ why = 'not available' }: { why?: string }) {
  return (
    <span className="na" title={why}>
      <span aria-hidden>{NA}</span>
      <span className="sr-only">{why}</span>
    </span>
  );
}
