import { periodText } from '@/lib/format';
import { Card, Textarea, TextInput } from '@/ui';
import { figureText } from './figures';
import classes from './FormPage.module.css';
import type { DraftValue, FormField } from './queries';

interface Props {
  field: FormField;
  currency: string;
  /** Not there where the answer was approved. */
  typed: { value: string; note: string } | undefined;
  said: DraftValue | undefined;
  /** Somebody tried to send: what is missing is named from then on. */
  tried: boolean;
  onChange: (change: { value?: string; note?: string }) => void;
}

const UNITS: Record<FormField['unit'], string> = {
  money: '',
  count: '',
  ratio: '',
  multiple: 'times',
  months: 'months',
};

/** One metric: what it means, what it was, what it is, and what has to be explained. */
export function AskedField({ field, currency, typed, said, tried, onChange }: Props) {
  const text = (value: string | null) => figureText(value, field.unit, currency);
  const history = field.history.filter(({ value }) => value !== null);
  if (!typed)
    return (
      <Card className={classes.card}>
        <div className={classes.done}>
          <span>{field.label}</span>
          <span className="tnum">{text(field.sent)}</span>
        </div>
        <p className={classes.saved}>Accepted, nothing to do.</p>
      </Card>
    );
  const empty = !typed.value.trim();
  const asks = said?.asks && (!empty || tried || typed.note) ? said.asks : null;
  const problem = empty ? null : said?.problem;
  const needsNote = tried && asks && !typed.note.trim();
  return (
    <Card className={classes.card}>
      {field.reason && <p className={classes.reason}>Please look again: {field.reason}</p>}
      {field.comment && field.state === 'rejected' && <p className={classes.saved}>{field.comment}</p>}
      <TextInput
        id={`field-${field.metric}`}
        label={field.label}
        description={field.meaning}
        size="lg"
        className={classes.field}
        inputMode={field.sign === 'positive' && field.unit !== 'ratio' ? 'decimal' : 'text'}
        autoComplete="off"
        maxLength={60}
        rightSection={<span aria-hidden>{field.unit === 'money' ? currency : UNITS[field.unit]}</span>}
        rightSectionWidth={field.unit === 'months' ? 76 : 56}
        rightSectionPointerEvents="none"
        value={typed.value}
        error={problem}
        onChange={(event) => onChange({ value: event.currentTarget.value })}
      />
      {!empty && !problem && said?.figure && (
        <p className={classes.reads}>
          Read as <span className="tnum">{text(said.figure)}</span>
        </p>
      )}
      {history.length > 0 && (
        <dl className={classes.history} aria-label={`${field.label} before`}>
          {history.map(({ period, value }) => (
            <div key={period}>
              <dt>{periodText(period)}</dt>
              <dd className="tnum">{text(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {(asks || typed.note) && (
        <Textarea
          id={`note-${field.metric}`}
          label={asks ?? 'Note'}
          size="md"
          autosize
          minRows={2}
          maxLength={1000}
          value={typed.note}
          error={needsNote ? 'A short answer is enough.' : null}
          onChange={(event) => onChange({ note: event.currentTarget.value })}
        />
      )}
    </Card>
  );
}
