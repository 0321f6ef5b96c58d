import { useQuery } from '@tanstack/react-query';
import type { Mark } from '@/api/types';
import { formatMoney, humanise } from '@/lib/format';
import { Card, CardHead, EmptyBlock, FactButton, Loaded, Timeline, useCut } from '@/ui';
import { marksQuery } from './queries';

interface Props {
  companyId: string;
  /** The name of each holding in the company, to tell their marks apart. */
  holdings: ReadonlyMap<number, string>;
}

/** What it was worth when, and how that was found. */
export function Marks({ companyId, holdings }: Props) {
  const marks = useQuery(marksQuery(companyId, useCut()));
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
                title: (
                  <FactButton record="marks" id={mark.id}>
                    {formatMoney(mark.fair_value, { currency: mark.currency })}
                  </FactButton>
                ),
                detail: [humanise(mark.method), whatOf(mark, holdings), mark.memo]
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

/** Where there is one holding only, its marks need no name. */
function whatOf(mark: Mark, holdings: Props['holdings']): string | null {
  if (mark.holding_id === null) return 'all of its equity';
  return holdings.size > 1 ? (holdings.get(mark.holding_id) ?? null) : null;
}
