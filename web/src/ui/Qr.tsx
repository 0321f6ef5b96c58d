import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

const QrCode = lazy(() => import('./QrCode'));

/** A QR code; what draws it is fetched when the first one is shown. */
export function Qr(props: { text: string; label: string }) {
  return (
    <Suspense fallback={<Skeleton width={184} height={184} />}>
      <QrCode {...props} />
    </Suspense>
  );
}
