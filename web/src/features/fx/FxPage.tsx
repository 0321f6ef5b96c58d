import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { currenciesQuery } from '@/api/currencies';
import { useMay } from '@/api/abilities';
import { formatDate } from '@/lib/format';
import {
  Button,
  Card,
  CardBody,
  CardHead,
  IconPlus,
  Loaded,
  MainAside,
  PageHead,
  Pair,
  Select,
  Stack,
  StatusPill,
  useSetSearch,
} from '@/ui';
import { ConvertCard } from './ConvertCard';
import { NewRate } from './NewRate';
import { PairChart } from './PairChart';
import { RateTable } from './RateTable';

/** Exchange rates: a pair over time, a conversion with its ladder, and every rate there is. */
export default function FxPage() {
  const { from = 'EUR', to = 'USD' } = useSearch({ from: '/frame/fx' });
  const setSearch = useSetSearch();
  const known = useQuery(currenciesQuery);
  const mayChange = useMay('fx_rate.change');
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHead
        title="FX rates"
        sub="The European Central Bank’s reference rates, and rates of your own"
        right={
          mayChange && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              Record a rate
            </Button>
          )
        }
      />
      <Loaded query={known} what="the currencies" size="l">
        {(found) => {
          const codes = [...new Set([...found.items.map(({ code }) => code), from, to])].sort();
          return (
            <Stack>
              <MainAside>
                <PairChart from={from} to={to} today={found.today} />
                <Stack>
                  <Card>
                    <CardHead
                      title="Pair"
                      sub={`Published up to ${formatDate(found.newest_on)}`}
                      right={found.stale && <StatusPill tone="warn">Older than expected</StatusPill>}
                    />
                    <CardBody>
                      <Pair>
                        <Select
                          label="From"
                          data={codes}
                          value={from}
                          searchable
                          allowDeselect={false}
                          onChange={(value) => setSearch({ from: value ?? from })}
                        />
                        <Select
                          label="To"
                          data={codes}
                          value={to}
                          searchable
                          allowDeselect={false}
                          onChange={(value) => setSearch({ to: value ?? to })}
                        />
                      </Pair>
                    </CardBody>
                  </Card>
                  <ConvertCard from={from} to={to} />
                </Stack>
              </MainAside>
              <RateTable mayChange={mayChange} />
            </Stack>
          );
        }}
      </Loaded>
      {adding && <NewRate from={from} to={to} onClose={() => setAdding(false)} />}
    </>
  );
}
