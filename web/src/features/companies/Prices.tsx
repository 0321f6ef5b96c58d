import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Company } from '@/api/types';
import { useMay } from '@/api/abilities';
import { formatDate, formatInstant, formatMoney, humanise } from '@/lib/format';
import {
  Button,
  Card,
  CardBody,
  CardHead,
  EmptyBlock,
  FormError,
  Loaded,
  notify,
  RowList,
  StatusPill,
} from '@/ui';
import { askForPrices, pricesQuery } from './queries';

const SOON_MS = 2_000;
const LOOKS = 10;

/** What one share of a listed company cost lately, and the way to ask for newer prices. */
export function Prices({ company }: { company: Company }) {
  const id = String(company.id);
  const cache = useQueryClient();
  const mayFetch = useMay('company.change');
  const [looks, setLooks] = useState(0);
  const prices = useQuery({
    ...pricesQuery(id),
    // A worker fetches them: looked for a few times, as nobody is told when it has.
    refetchInterval: ({ state }) => (looks > state.dataUpdateCount ? SOON_MS : false),
  });
  const ask = useMutation({
    mutationFn: () => askForPrices(company.id),
    onSuccess: () => {
      notify('Asked for', 'What is new will stand here; the page Jobs tells how it went');
      setLooks((cache.getQueryState(pricesQuery(id).queryKey)?.dataUpdateCount ?? 0) + LOOKS);
    },
  });
  return (
    <Card>
      <CardHead
        title="Market prices"
        sub={`${company.ticker_symbol}, at the end of each day`}
        right={
          mayFetch && (
            <Button
              size="xs"
              variant="default"
              aria-label="Fetch prices"
              loading={ask.isPending}
              onClick={() => ask.mutate()}
            >
              Fetch
            </Button>
          )
        }
      />
      <CardBody>
        <FormError error={ask.error} />
        <Loaded query={prices} what="the prices" size="m">
          {({ items, stale }) =>
            items.length === 0 ? (
              <EmptyBlock
                title="No prices yet"
                hint="They are fetched from the provider that the settings name."
              />
            ) : (
              <RowList
                label="Market prices"
                rows={items.map((one, at) => ({
                  key: String(one.id),
                  text: formatMoney(one.close, { currency: one.currency }),
                  note: `${formatDate(one.priced_on)} · ${humanise(one.provider)} · fetched ${formatInstant(one.recorded_at)}`,
                  right: at === 0 && stale && <StatusPill tone="warn">Old</StatusPill>,
                }))}
              />
            )
          }
        </Loaded>
      </CardBody>
    </Card>
  );
}
