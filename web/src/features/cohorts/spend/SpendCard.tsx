import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import type { Cut } from '@/api/performance';
import { Loaded } from '@/ui';
import { cashflowsQuery } from '../queries';
import { PastSpends } from './PastSpends';
import { spendsQuery } from './queries';
import { SpendGrid } from './SpendGrid';

interface Props {
  companyId: string;
  currency: string;
  cut: Cut;
}

/** What was spent in each month to win customers: edited as it is now, only read as of another day. */
export function SpendCard({ companyId, currency, cut }: Props) {
  const may = useMay('cohort_data.change');
  const spends = useQuery(spendsQuery(companyId));
  const flows = useQuery(cashflowsQuery(companyId, cut));
  const past = cut.as_of !== undefined || cut.known_at !== undefined;
  return (
    <Loaded query={flows} what="the spend" size="l">
      {({ cohorts }) =>
        past || !may ? (
          <PastSpends cohorts={cohorts} currency={currency} past={past} />
        ) : (
          <Loaded query={spends} what="the spend" size="l">
            {(recorded) => <SpendGrid {...{ companyId, currency, cohorts }} spends={recorded} />}
          </Loaded>
        )
      }
    </Loaded>
  );
}
