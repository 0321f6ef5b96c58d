import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { formatDate, formatInstant, periodText } from '@/lib/format';
import { Button, Card, FormError, Held, Textarea, useDebouncedValue } from '@/ui';
import { AskedField } from './AskedField';
import { Attachments } from './Attachments';
import classes from './FormPage.module.css';
import { type Form, formQuery, saveDraft, submitForm } from './queries';
import { blocking, bodyOf, judged, type Judged, type Typed, typedOf } from './typed';

const PAUSE_MS = 900;

/** The fields, kept as a draft while somebody types. Sending asks back first what the server would refuse. */
export function FillIn({ token, form }: { token: string; form: Form }) {
  const cache = useQueryClient();
  const [typed, setTyped] = useState<Typed>(() => typedOf(form));
  const [said, setSaid] = useState<Judged>(() => judged(form.metrics.map((one) => ({ ...NOTHING, ...one }))));
  const [savedAt, setSavedAt] = useState(form.saved_at);
  const [saved, setSaved] = useState(typed);
  const [tried, setTried] = useState(false);
  const [leadTo, setLeadTo] = useState<string | null>(null);
  const draft = useMutation({
    mutationFn: (now: Typed) => saveDraft(bodyOf(token, now)),
    scope: { id: `draft of ${token}` }, // one after the other: a slow line must not bring the older one last
    onSuccess: (kept, now) => {
      setSaid(judged(kept.values));
      setSavedAt(kept.saved_at);
      setSaved(now);
    },
  });
  const [paused] = useDebouncedValue(typed, PAUSE_MS);
  const kept = useRef(typed);
  const { mutate: keep } = draft;
  useEffect(() => {
    if (paused === kept.current) return;
    kept.current = paused;
    keep(paused);
  }, [paused, keep]);
  const send = useMutation({
    mutationFn: async () => {
      kept.current = typed;
      const answer = await draft.mutateAsync(typed);
      const judgement = judged(answer.values);
      const first = blocking(form, typed, judgement)[0];
      if (first) {
        setTried(true);
        const stands = typed.values[first.metric]?.value.trim() && !judgement[first.metric]?.problem;
        setLeadTo(`${stands ? 'note' : 'field'}-${first.metric}`); // a good figure only wants its reason
        return null;
      }
      return submitForm(bodyOf(token, typed));
    },
    onSuccess: (done) => {
      if (done === null) return;
      cache.setQueryData(formQuery(token).queryKey, done);
      window.scrollTo(0, 0);
    },
  });
  // Only once it is no more held can a field be led to.
  useEffect(() => {
    if (send.isPending || leadTo === null) return;
    document.getElementById(leadTo)?.focus();
    setLeadTo(null);
  }, [send.isPending, leadTo]);
  const open = tried ? blocking(form, typed, said) : [];
  const set = (metric: string, change: Partial<Typed['values'][string]>) =>
    setTyped((now) => ({
      ...now,
      values: { ...now.values, [metric]: { ...now.values[metric]!, ...change } },
    }));
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <div className={classes.intro}>
        <h1>{`${form.name}, ${periodText(form.period)}`}</h1>
        <p>
          {formatDate(form.starts_on)} to {formatDate(form.ends_on)}, amounts in {form.currency}.{' '}
          {form.is_overdue ? 'Was due' : 'Due'} {formatDate(form.due_on)}.
        </p>
        {form.message && <p className={classes.message}>{form.message}</p>}
        {form.state === 'returned' && (
          <p className={classes.message}>Thank you. Only what is marked is asked for again.</p>
        )}
      </div>
      <Held pending={send.isPending} stacked>
        {form.metrics.map((field) => (
          <AskedField
            key={field.metric}
            field={field}
            currency={form.currency}
            typed={typed.values[field.metric]}
            said={said[field.metric]}
            tried={tried}
            onChange={(change) => set(field.metric, change)}
          />
        ))}
        {form.questions.length > 0 && (
          <Card className={classes.card}>
            {form.questions.map(({ question }) => (
              <Textarea
                key={question}
                label={question}
                size="md"
                autosize
                minRows={2}
                maxLength={4000}
                value={typed.answers[question] ?? ''}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  setTyped((now) => ({ ...now, answers: { ...now.answers, [question]: value } }));
                }}
              />
            ))}
          </Card>
        )}
        <Attachments token={token} files={form.attachments} />
        <div className={classes.foot}>
          <FormError error={send.error ?? draft.error} />
          {open.length > 0 && (
            <p className={classes.open} role="alert">
              {open.length === 1 ? 'One field needs you.' : `${open.length} fields need you.`}
            </p>
          )}
          <p className={classes.saved} aria-live="polite">
            {savingSays(saved === typed, draft.isError, savedAt)}
          </p>
          <Button type="submit" size="md" loading={send.isPending}>
            Send
          </Button>
        </div>
      </Held>
    </form>
  );
}

/** "Saved" is said of what stands there, not of what stood there before the last key. */
function savingSays(isSaved: boolean, failed: boolean, savedAt: string | null): string {
  if (!isSaved) return failed ? 'Not saved yet' : 'Saving…';
  return savedAt ? `Saved ${formatInstant(savedAt)}` : 'Saved as you type';
}

const NOTHING = { figure: null, change: null };
