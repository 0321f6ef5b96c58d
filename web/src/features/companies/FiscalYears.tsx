import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { formatDate } from '@/lib/format';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  ConfirmButton,
  FormDrawer,
  FormError,
  Held,
  Loaded,
  notify,
  Pair,
  RowList,
  Select,
  TextInput,
} from '@/ui';
import { fiscalYearsQuery, setFiscalYear, takeBackFiscalYear } from './queries';

const MONTHS = Array.from({ length: 12 }, (_, at) => ({
  value: String(at + 1),
  label: new Date(Date.UTC(2024, at, 1)).toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' }),
}));
const monthName = (month: number): string => MONTHS[month - 1]!.label;

/** With which month a company's fiscal years end, and since when. */
export function FiscalYears({ companyId }: { companyId: string }) {
  const cache = useQueryClient();
  const years = useQuery(fiscalYearsQuery(companyId));
  const mayChange = useMay('metric.change');
  const [adding, setAdding] = useState(false);
  const stale = async () => {
    await cache.invalidateQueries({ queryKey: fiscalYearsQuery(companyId).queryKey });
    await cache.invalidateQueries({ queryKey: ['figures', companyId] });
  };
  const back = useMutation({
    mutationFn: (id: number) => takeBackFiscalYear(companyId, id),
    onSuccess: stale,
  });
  return (
    <Card>
      <CardHead
        title="Fiscal years"
        sub={years.data?.length === 0 ? 'Calendar years' : 'By which its figures are read'}
        right={
          mayChange && (
            <Button size="xs" variant="default" onClick={() => setAdding(true)}>
              Change
            </Button>
          )
        }
      />
      <Loaded query={years} what="the fiscal years" size="s">
        {(rows) =>
          rows.length > 0 && (
            <CardBody>
              <FormError error={back.error} />
              <RowList
                label="Fiscal years"
                rows={rows.map(({ id, starts_on, year_ends_in }) => ({
                  key: String(id),
                  text: `Years end with ${monthName(year_ends_in)}`,
                  note: `From ${formatDate(starts_on)} on`,
                  right: mayChange && (
                    <ConfirmButton
                      size="xs"
                      effect={`From ${formatDate(starts_on)} on, years end as they did before.`}
                      onConfirm={() => back.mutate(id)}
                    >
                      Take back
                    </ConfirmButton>
                  ),
                }))}
              />
            </CardBody>
          )
        }
      </Loaded>
      <FormDrawer opened={adding} onClose={() => setAdding(false)} title="Change the fiscal year">
        {adding && (
          <Change
            companyId={companyId}
            onDone={async () => {
              await stale();
              setAdding(false);
            }}
          />
        )}
      </FormDrawer>
    </Card>
  );
}

function Change({ companyId, onDone }: { companyId: string; onDone: () => Promise<void> }) {
  const [month, setMonth] = useState(3);
  const [year, setYear] = useState('');
  const first = `${year}-${String((month % 12) + 1).padStart(2, '0')}-01`;
  const save = useMutation({
    mutationFn: () => setFiscalYear(companyId, { starts_on: first, year_ends_in: month }),
    onSuccess: async () => {
      notify('Saved', `Years end with ${monthName(month)}`);
      await onDone();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Held pending={save.isPending} stacked>
        <Pair>
          <Select
            label="Years end with"
            allowDeselect={false}
            data={MONTHS}
            value={String(month)}
            onChange={(value) => setMonth(Number(value))}
          />
          <TextInput
            label={`The first begins in ${monthName((month % 12) + 1)} of`}
            placeholder="2024"
            inputMode="numeric"
            required
            maxLength={4}
            value={year}
            onChange={(event) => setYear(event.currentTarget.value)}
          />
        </Pair>
        <FormError error={save.error} />
        <Actions>
          <Button type="submit" loading={save.isPending} disabled={!/^\d{4}$/.test(year)}>
            Save
          </Button>
        </Actions>
      </Held>
    </form>
  );
}
