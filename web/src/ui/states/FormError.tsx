import { ApiError } from '@/api/client';
import classes from './FormError.module.css';

/** Why a form could not be saved. Field errors stand at their fields; this is the sentence for the whole. */
export function FormError({ error }: { error: unknown }) {
  if (!error) return null;
  const text =
    error instanceof ApiError ? error.message : 'The server could not be reached. Nothing was saved.';
  return (
    <div className={classes.box} role="alert">
      {text}
    </div>
  );
}
