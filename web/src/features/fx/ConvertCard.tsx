import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDate, formatMoney } from '@/lib/format';
import {
  Card,
  CardBody,
  CardHead,
  DateField,
  FormError,
  FormStack,
  MoneyField,
  Note,
  StatusPill,
  useCut,
} from '@/ui';
import { type Converted, convertQuery } from './queries';
import { RATE_SOURCES, rateText } from '@/lib/rates';

/** An amount in the other currency of the pair, and the ladder that leads there. */
export function ConvertCard({ from, to }: { from: string; to: string }) {
  const { as_of, known_at } = useCut();
  const [amount, setAmount] = useState('1000.00');
  const [on, setOn] = useState('');
  const day = on || as_of;
  const made = useQuery({
    ...convertQuery({ amount, from, to, on: day, known_at }),
    enabled: amount !== '',
  });
  return (
    <Card>
      <CardHead title="Convert" sub={`${from} to ${to}`} />
      <CardBody>
        <FormStack>
          <MoneyField label="Amount" currency={from} value={amount} onChange={setAmount} />
          <DateField label="On" value={on} onChange={setOn} description="The date of the page when empty" />
          <div aria-live="polite">
            {made.isError ? <FormError error={made.error} /> : made.data && <Result made={made.data} />}
          </div>
        </FormStack>
      </CardBody>
    </Card>
  );
}

function Result({ made }: { made: Converted }) {
  return (
    <>
      <p className="tnum">
        <strong>
          {formatMoney(made.converted, { currency: made.to })} {made.to}
        </strong>
      </p>
      <Note>
        1 {made.from} = {rateText(made.rate)} {made.to}, {RATE_SOURCES[made.source] ?? made.source}
        {made.source !== 'same' && ` of ${formatDate(made.published_on)}`}
        {ladder(made)}
      </Note>
      {made.stale && <StatusPill tone="warn">{`${made.age_days} days old`}</StatusPill>}
    </>
  );
}

/** The rates against the euro that a cross is made of; nothing for a pair with the euro, or a rate of one's own. */
function ladder({ legs }: Converted): string {
  if (legs.length < 2 || legs.some(({ currency }) => currency === 'EUR')) return '';
  return `: ${legs.map(({ currency, rate }) => `1 EUR = ${rateText(rate)} ${currency}`).join(', ')}`;
}
