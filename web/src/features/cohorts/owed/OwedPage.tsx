import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import type { Owed } from '@/api/types';
import { formatDate, formatInt } from '@/lib/format';
import {
  ButtonLink,
  Card,
  CardBody,
  CardHead,
  EmptyBlock,
  KpiStrip,
  Loaded,
  May,
  Money,
  Note,
  Select,
  Stack,
  useCut,
  useSetSearch,
} from '@/ui';
import { CohortHead } from '../CohortHead';
import { knownOf, monthChoices, monthOf } from './months';
import { OwedCohorts } from './OwedCohorts';
import { OwedSteps } from './OwedSteps';
import { owedQuery } from './queries';

/** What a company owes the fund for a month, cohort by cohort, and where it edits what that rests on. */
export default function OwedPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/owed' });
  const search = useSearch({ from: '/frame/companies/$companyId/cohorts/owed' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const month = search.month ?? monthOf(cut.as_of);
  const owed = useQuery({ ...owedQuery(companyId, month, cut), placeholderData: keepPreviousData });
  const open = owed.data?.cohorts.find(({ cohort_month: one }) => one === search.cohort);
  return (
    <>
      <CohortHead
        companyId={companyId}
        title={search.month === undefined ? 'This month' : formatDate(month, 'month')}
        sub="What the company owes the fund, from what its customers paid"
        files={{ owed: owed.data?.cohorts.length }}
        chosen={{ owed: { month } }}
        right={
          <Select
            aria-label="Month"
            data={monthChoices(month, cut.as_of)}
            value={month}
            onChange={(value) =>
              setSearch({ month: value === monthOf(cut.as_of) ? undefined : value, cohort: undefined }, true)
            }
          />
        }
      />
      <Loaded query={owed} what="what is owed" size="l">
        {(data) =>
          data.cohorts.length === 0 ? (
            <Card>
              <EmptyBlock
                title="Nothing is funded yet"
                hint="The fund collects from the cohorts it has terms on. Until then nothing is owed."
                action={<Deliver companyId={companyId} />}
              />
            </Card>
          ) : (
            <Stack>
              <Figures data={data} />
              <Delivery companyId={companyId} data={data} />
              <OwedCohorts
                data={data}
                onOpen={(cohort) => setSearch({ cohort })}
                fileName={`owed-${data.month.slice(0, 7)}`}
              />
            </Stack>
          )
        }
      </Loaded>
      {owed.data && open && (
        <OwedSteps
          cohort={open}
          currency={owed.data.currency}
          month={owed.data.month}
          onClose={() => setSearch({ cohort: undefined })}
        />
      )}
    </>
  );
}

function Figures({ data }: { data: Owed }) {
  const { known, unknown } = knownOf(data);
  const month = formatDate(data.month, 'month');
  return (
    <KpiStrip
      items={[
        {
          key: 'owed',
          label: `Owed for ${month}`,
          value: <Money value={data.total} currency={data.currency} />,
          note: unknown > 0 ? 'from the payments recorded so far' : 'from all funded cohorts',
        },
        {
          key: 'cohorts',
          label: 'Cohorts with payments',
          value: formatInt(known),
          note: `of ${formatInt(data.cohorts.length)} that are funded`,
        },
        {
          key: 'breached',
          label: 'Below minimum',
          value: formatInt(data.cohorts.filter((one) => one.threshold_failed).length),
          note: 'all of the month is collected',
        },
        {
          key: 'capped',
          label: 'Cap reached',
          value: formatInt(data.cohorts.filter((one) => one.capped).length),
          note: 'nothing more is owed',
        },
      ]}
    />
  );
}

/** What is owed rests on two things that the company delivers. */
function Delivery({ companyId, data }: { companyId: string; data: Owed }) {
  const { unknown } = knownOf(data);
  const month = formatDate(data.month, 'month');
  return (
    <Card>
      <CardHead
        title="What this rests on"
        sub="What customers paid, and what was spent to win them"
        right={<Deliver companyId={companyId} />}
      />
      {unknown > 0 && (
        <CardBody>
          <Note>
            {unknown === data.cohorts.length
              ? `No payments of ${month} are recorded yet.`
              : `${formatInt(unknown)} of ${formatInt(data.cohorts.length)} cohorts have no payments of ${month} yet.`}{' '}
            What is owed becomes known with them.
          </Note>
        </CardBody>
      )}
    </Card>
  );
}

function Deliver({ companyId }: { companyId: string }) {
  return (
    <May operation="cohort_data.change">
      <ButtonLink to="/companies/$companyId/cohorts/payments" params={{ companyId }}>
        Upload payments or edit spend
      </ButtonLink>
    </May>
  );
}
