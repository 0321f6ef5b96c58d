import { Skeleton } from '@mantine/core';
import classes from './states.module.css';

/** A skeleton in the final height, so that nothing jumps when the data comes. */
export function LoadingBlock({ size, label }: { size: 's' | 'm' | 'l'; label: string }) {
  return (
    <div role="status" aria-label={`Loading ${label}`}>
      <Skeleton className={classes[size]} radius="lg" />
    </div>
  );
}
