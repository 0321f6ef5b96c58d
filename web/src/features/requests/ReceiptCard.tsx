import { formatInstant, periodText } from '@/lib/format';
import { Button, Card, Struck } from '@/ui';
import { figureText } from './figures';
import classes from './FormPage.module.css';
import type { Form, Receipt } from './queries';

/** What was received, to keep or to print. */
export function ReceiptCard({ form, receipt }: { form: Form; receipt: Receipt }) {
  const unitOf = new Map(form.metrics.map(({ metric, unit }) => [metric, unit]));
  return (
    <Card className={classes.card}>
      <div className={classes.intro}>
        <h1>Thank you, {form.company}</h1>
        <p>
          {form.firm} has received {form.name}, {periodText(form.period)}. You need not do anything more; if
          something has to be corrected, you will get a mail.
        </p>
      </div>
      <dl className={classes.receipt} aria-label="Receipt">
        <div>
          <dt>Receipt</dt>
          <dd className="tnum">{receipt.number}</dd>
        </div>
        <div>
          <dt>Sent</dt>
          <dd className="tnum">{formatInstant(receipt.submitted_at)}</dd>
        </div>
        {receipt.submitted_by && (
          <div>
            <dt>By the link of</dt>
            <dd>{receipt.submitted_by}</dd>
          </div>
        )}
        {receipt.values.map((one) => (
          <div key={one.metric}>
            <dt>{one.label}</dt>
            <dd className="tnum">
              {figureText(one.value, unitOf.get(one.metric) ?? 'count', form.currency)}
              {one.note && <p>{one.note}</p>}
            </dd>
          </div>
        ))}
        {receipt.attachments.map((one) => (
          <div key={one.id}>
            <dt>File</dt>
            <dd>
              <Struck by={one.removal_reason} word="Removed">
                {one.name}
              </Struck>
              {one.removed_at && (
                <p>
                  Removed by {form.firm} on {formatInstant(one.removed_at)}: {one.removal_reason}
                </p>
              )}
            </dd>
          </div>
        ))}
        {receipt.answers.map((one) => (
          <div key={one.question} className={classes.answer}>
            <dt>{one.question}</dt>
            <dd>{one.answer}</dd>
          </div>
        ))}
      </dl>
      <div className="no-print">
        <Button variant="default" onClick={() => window.print()}>
          Print or save
        </Button>
      </div>
    </Card>
  );
}
