import { Link } from '@tanstack/react-router';
import { ApiError, AwaitsApproval } from '@/api/client';
import classes from './FormError.module.css';

/** Why a form could not be saved. Field errors stand at their fields; this is the sentence for the whole. */
export function FormError({ error }: { error: unknown }) {
  if (!error) return null;
  if (error instanceof AwaitsApproval) return <Waits request={error.request.id} text={error.message} />;
  const text =
    error instanceof ApiError ? error.message : 'The server could not be reached. Nothing was saved.';
  return (
    <div className={classes.box} role="alert">
      {text}
    </div>
  );
}

/** No error: it was accepted, and somebody else looks at it first. */
function Waits({ request, text }: { request: number; text: string }) {
  return (
    <div className={classes.waits} role="status">
      {text} <Link to="/approvals" search={{ request }}>{`Request ${request}`}</Link>
    </div>
  );
}
