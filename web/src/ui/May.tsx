import type { ReactNode } from 'react';
import { useMay } from '@/api/abilities';

/** Shows its part to those who may do an operation; what one may not do is not offered. */
export function May({ operation, children }: { operation: string; children: ReactNode }) {
  return useMay(operation) ? <>{children}</> : null;
}
