import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import {
  Actions,
  Button,
  FormError,
  FormStack,
  Held,
  notify,
  Pair,
  PasswordInput,
  Section,
  Select,
  Switch,
  TextInput,
} from '@/ui';
import { FetchResult } from './FetchResult';
import {
  askForFigures,
  type Connection,
  type ConnectionBody,
  connectionsQuery,
  isFetching,
  saveConnection,
} from './queries';
import { PROVIDERS } from './words';

interface Props {
  companyId: string;
  known: Connection | null;
  onDone: () => void;
  onOpen: (importId: number) => void;
}

/** A connection as it is set, what its latest fetch came to, and other months to fetch. */
export function ConnectionEditor({ companyId, known, onDone, onOpen }: Props) {
  const mayFetch = useMay('metric.change');
  return (
    <FormStack>
      <Fields companyId={companyId} known={known} onDone={onDone} />
      {known && mayFetch && <OtherMonths companyId={companyId} connection={known} />}
      {known?.last_fetch && <FetchResult last={known.last_fetch} onOpen={onOpen} />}
    </FormStack>
  );
}

const EMPTY = { name: '', provider: 'feed' as const, address: '', account: '', key: '', nightly: true };
type Values = typeof EMPTY;

function Fields({ companyId, known, onDone }: Omit<Props, 'onOpen'>) {
  const cache = useQueryClient();
  const mayChange = useMay('metric_connection.change');
  const [values, setValues] = useState<Values>(
    known ? { ...EMPTY, ...known, account: known.account ?? '' } : EMPTY,
  );
  const save = useMutation({
    mutationFn: () => saveConnection(companyId, known, bodyOf(values)),
    onSuccess: async () => {
      notify('Saved', values.name);
      await cache.invalidateQueries({ queryKey: connectionsQuery(companyId).queryKey });
      onDone();
    },
  });
  const set = (change: Partial<Values>) => setValues({ ...values, ...change });
  const text = (name: 'name' | 'address' | 'account' | 'key') => ({
    value: values[name],
    readOnly: !mayChange,
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
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
        <TextInput label="Name" placeholder="Accounting" required maxLength={200} {...text('name')} />
        <Select
          label="Provider"
          allowDeselect={false}
          readOnly={!mayChange}
          data={Object.entries(PROVIDERS).map(([value, label]) => ({ value, label }))}
          value={values.provider}
          onChange={(value) => set({ provider: (value ?? 'feed') as Values['provider'] })}
        />
        <TextInput
          label="Address"
          description="Where the source answers with figures by month"
          placeholder="https://figures.example.com/books"
          required
          maxLength={500}
          {...text('address')}
        />
        <TextInput
          label="Account"
          description="Which of several sets of books it keeps, if it asks for one"
          maxLength={200}
          {...text('account')}
        />
        {mayChange && (
          <PasswordInput
            label="Key"
            description={
              known?.has_key ? 'Leave it empty to keep the one that is stored' : 'If the source wants one'
            }
            autoComplete="off"
            {...text('key')}
          />
        )}
        <Switch
          label="Fetch every night"
          description="The last three months that are over"
          disabled={!mayChange}
          checked={values.nightly}
          onChange={(event) => set({ nightly: event.currentTarget.checked })}
        />
        <FormError error={save.error} />
        {mayChange && (
          <Actions>
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={!values.name.trim() || !values.address.trim()}
            >
              Save
            </Button>
          </Actions>
        )}
      </Held>
    </form>
  );
}

const bodyOf = ({ name, provider, address, account, key, nightly }: Values): ConnectionBody => ({
  name: name.trim(),
  provider,
  address: address.trim(),
  account: account.trim() || null,
  ...(key === '' ? {} : { key }),
  nightly,
});

function OtherMonths({ companyId, connection }: { companyId: string; connection: Connection }) {
  const cache = useQueryClient();
  const [months, setMonths] = useState({ first_month: '', last_month: '' });
  const ask = useMutation({
    mutationFn: () => askForFigures(companyId, connection.id, months),
    onSuccess: () => cache.invalidateQueries({ queryKey: connectionsQuery(companyId).queryKey }),
  });
  const month = (name: keyof typeof months) => ({
    placeholder: '2024-01',
    maxLength: 7,
    value: months[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      setMonths({ ...months, [name]: event.currentTarget.value }),
  });
  return (
    <Section title="Fetch other months">
      <FormStack>
        <Pair>
          <TextInput label="First month" {...month('first_month')} />
          <TextInput label="Last month" {...month('last_month')} />
        </Pair>
        <FormError error={ask.error} />
        <Actions>
          <Button
            variant="default"
            loading={ask.isPending || isFetching(connection)}
            disabled={months.first_month === '' || months.last_month === ''}
            onClick={() => ask.mutate()}
          >
            Fetch these
          </Button>
        </Actions>
      </FormStack>
    </Section>
  );
}
