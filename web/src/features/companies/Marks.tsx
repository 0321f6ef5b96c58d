import { useQuery } from '@tanstack/react-query';
import { formatMoney, humanise } from '@/lib/format';
import { Card, CardHead, EmptyBlock, Loaded, Timeline, useCut } from '@/ui';
import { marksQuery } from './queries';

interface Props {
  companyId: string;
  /** The holdings in the company, whose marks are shown beside those of its equity. */
  holdings: number[];
}

/** What it was worth when, and how that was found. */
export function Marks({ companyId, holdings }: Props) {
  const marks = useQuery(marksQuery(companyId, holdings, useCut()));
  return (
    <Card>
      <CardHead title="Valuation marks" sub="Newest first" />
      <Loaded query={marks} what="the marks" size="m">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyBlock title="No marks yet" hint="Until the first mark, a holding stands at its cost." />
          ) : (
            <Timeline
              label="Valuation marks"
              items={rows.map((mark) => ({
                key: String(mark.id),
                on: mark.measured_on,
                title: formatMoney(mark.fair_value, { currency: mark.currency }),
                detail: [humanise(mark.method), mark.holding_id === null && 'all of its equity', mark.memo]
                  .filter(Boolean)
                  .join(' · '),
              }))}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
