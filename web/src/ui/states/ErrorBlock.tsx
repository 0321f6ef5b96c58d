import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '@/api/client';
import classes from './states.module.css';

interface Props {
  error: unknown;
  /** What failed, as in "Could not load {what}". */
  what: string;
  onRetry?: () => void;
}

/** Stays inside the card that failed: what failed, why, whether the data is safe, and a way to try again. */
export function ErrorBlock({ error, what, onRetry }: Props) {
  const known = error instanceof ApiError;
  const text = known ? error.message : 'The server could not be reached. Check the connection.';
  return (
    <div className={classes.block} role="alert">
      <IconAlertTriangle size={28} className={classes.bad} aria-hidden />
      <p className={classes.title}>Could not load {what}</p>
      <p className={classes.text}>{text}</p>
      {known && error.requestId && <p className={classes.text}>Request {error.requestId}</p>}
      {onRetry && (
        <Button variant="default" className={classes.action} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
