import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatDate } from '@/lib/format';
import { Button, DateField, EntitySelect, FilterBar, Select, useSetSearch } from '@/ui';
import { cashflowsQuery } from '../queries';
import { customersBy } from './queries';

/** Which payments are listed. */
export interface PaymentsShown {
  customer?: string;
  cohort?: string;
  since?: string;
  until?: string;
  sort?: string;
}

const NO_FILTER = { customer: undefined, cohort: undefined, since: undefined, until: undefined };

/** Which payments: all of it stands in the address. */
export function PaymentFilters({ companyId, search }: { companyId: string; search: PaymentsShown }) {
  const setSearch = useSetSearch();
  const cohorts = useQuery(cashflowsQuery(companyId, {})).data?.cohorts ?? [];
  const load = useMemo(() => customersBy(companyId), [companyId]);
  const set = (change: object) => setSearch(change, true);
  const { customer, cohort } = search;
  const any = Object.keys(NO_FILTER).some((name) => search[name as keyof PaymentsShown] !== undefined);
  const months = new Set([...cohorts.map(({ cohort_month: month }) => month), ...(cohort ? [cohort] : [])]);
  return (
    <FilterBar label="Filters">
      <EntitySelect
        key={customer ?? ''}
        label="Customer"
        name={`customers-${companyId}`}
        placeholder="Anyone"
        clearable
        initial={customer === undefined ? undefined : { value: customer, label: customer }}
        value={customer ?? ''}
        onChange={(value) => set({ customer: value || undefined })}
        load={load}
      />
      <Select
        label="Cohort"
        placeholder="Any"
        clearable
        searchable
        data={[...months].sort().map((month) => ({ value: month, label: formatDate(month, 'month') }))}
        value={cohort ?? null}
        onChange={(month) => set({ cohort: month ?? undefined })}
      />
      <DateField
        label="From"
        value={search.since ?? ''}
        onChange={(day) => set({ since: day || undefined })}
      />
      <DateField label="To" value={search.until ?? ''} onChange={(day) => set({ until: day || undefined })} />
      {any && (
        <Button variant="subtle" onClick={() => set(NO_FILTER)}>
          Clear
        </Button>
      )}
    </FilterBar>
  );
}
