import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useMay } from '@/api/abilities';
import { reportingCurrenciesQuery } from '@/api/currencies';
import { currencyName } from '@/lib/format';
import {
  Card,
  CardBody,
  CardHead,
  FormError,
  FormStack,
  IconArrowUp,
  IconX,
  Loaded,
  Note,
  RowAction,
  RowList,
} from '@/ui';
import { AddCurrency } from './AddCurrency';
import { setReportingCurrencies } from './queries';

/** The currencies in which the firm reads companies' figures, in the order in which they are offered. */
export function ReportingCurrencies() {
  const settings = useQuery(reportingCurrenciesQuery);
  const mayChange = useMay('reporting_settings.change');
  const cache = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: setReportingCurrencies,
    onSuccess: (stored) => cache.setQueryData(reportingCurrenciesQuery.queryKey, stored),
    // Where somebody else was faster, what they chose is shown, and the next change is made from that.
    onError: () => cache.invalidateQueries({ queryKey: reportingCurrenciesQuery.queryKey }),
  });
  return (
    <Loaded query={settings} what="the reporting currencies" size="m">
      {({ currencies, version }) => (
        <Card>
          <CardHead
            title="Reporting currencies"
            sub="What companies report is read in these too, beside their own currency"
          />
          <CardBody>
            <FormStack>
              <RowList
                label="Reporting currencies"
                rows={currencies.map((code, at) => ({
                  key: code,
                  text: code,
                  note: currencyName(code),
                  right: mayChange && (
                    <div>
                      <RowAction
                        label={`Move ${code} up`}
                        icon={IconArrowUp}
                        isOff={at === 0 || save.isPending}
                        onClick={() =>
                          save.mutate(currencies.with(at, currencies[at - 1]!).with(at - 1, code))
                        }
                      />
                      <RowAction
                        label={`Remove ${code}`}
                        icon={IconX}
                        isOff={save.isPending}
                        onClick={() => {
                          save.mutate(currencies.toSpliced(at, 1));
                          field.current?.focus(); // the button goes with its line
                        }}
                      />
                    </div>
                  ),
                }))}
              />
              <Note>{save.isPending ? 'Saving…' : says(currencies, version)}</Note>
              {mayChange && (
                <AddCurrency
                  field={field}
                  known={currencies}
                  isOff={save.isPending}
                  onAdd={(code) => save.mutate([...currencies, code])}
                />
              )}
              <FormError error={save.error} />
            </FormStack>
          </CardBody>
        </Card>
      )}
    </Loaded>
  );
}

function says(currencies: string[], version: number): string {
  if (version === 0) return 'The default: the firm’s own currency, US dollars and Canadian dollars.';
  if (currencies.length === 0) return 'None: figures are read in each company’s own currency.';
  return 'They are offered in this order, before all others.';
}
