import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { ApiError } from '@/api/client';
import { usePeopleNames } from '@/api/people';
import type { Cohort, TradeTerms } from '@/api/types';
import { formatDate, formatMoney } from '@/lib/format';
import {
  Actions,
  Alert,
  Button,
  DetailList,
  EntryForm,
  type FieldSpec,
  FormDrawer,
  FormStack,
  IconBan,
  IconPencil,
  Loaded,
  Note,
  notify,
  Section,
  Stack,
  toBody,
  VersionList,
} from '@/ui';
import { cohortKey } from '../queries';
import { tradeFields } from './fields';
import { correctTrade, tradeVersionsQuery, voidTrade } from './queries';
import { tellTrade, termsWords } from './words';

const REASON: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the trade' },
];

type Mode = 'read' | 'correct' | 'void';

interface Props {
  companyId: string;
  currency: string;
  trade: TradeTerms;
  /** The cohort it is on, as the page shows it. */
  cohort: Cohort | undefined;
  onReload: () => void;
  onClose: () => void;
}

/** One trade: its terms, its history, its correction and its voiding. */
export function TradeDrawer({ trade, onReload, onClose, ...props }: Props) {
  const [mode, setMode] = useState<Mode>('read');
  // What was read stays what it was while someone types: the newest terms are taken on their word.
  const [seen, setSeen] = useState(trade);
  const month = formatDate(trade.cohort_month, 'month');
  const titles = { read: 'Trade', correct: 'Correct: trade', void: 'Void: trade' };
  const open = (next: Mode) => {
    setSeen(trade);
    setMode(next);
  };
  return (
    <FormDrawer opened onClose={onClose} title={titles[mode]} sub={`${month} cohort`} wide={mode === 'read'}>
      {mode === 'read' ? (
        <Read trade={trade} {...props} onMode={open} />
      ) : mode === 'correct' ? (
        <Correct
          key={seen.version}
          trade={seen}
          {...props}
          onDone={() => setMode('read')}
          onReload={() => {
            onReload();
            setMode('read');
          }}
        />
      ) : (
        <Void trade={trade} {...props} onDone={() => setMode('read')} onVoided={onClose} />
      )}
    </FormDrawer>
  );
}

type ReadProps = Omit<Props, 'onClose' | 'onReload'> & { onMode: (mode: Mode) => void };

function Read({ companyId, currency, trade, cohort, onMode }: ReadProps) {
  const mayChange = useMay('cohort_terms.change');
  const mayReadHistory = useMay('history.read');
  const cap = cohort?.effective_cap;
  return (
    <Stack>
      <DetailList
        items={[
          ...termsWords(trade, currency),
          ...(cap ? [{ label: 'Cap that counts', value: formatMoney(cap, { currency }) }] : []),
        ]}
      />
      {cap && cap !== trade.cash_cap && trade.planned_spend && (
        <Note>
          {`The spend is not the planned one: the cap counts × ${formatMoney(cohort.spend, { currency })} ÷ ${formatMoney(trade.planned_spend, { currency })}.`}
        </Note>
      )}
      {mayChange && (
        <Actions>
          <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => onMode('void')}>
            Void
          </Button>
          <Button leftSection={<IconPencil size={16} />} onClick={() => onMode('correct')}>
            Correct
          </Button>
        </Actions>
      )}
      {mayReadHistory && <History companyId={companyId} currency={currency} id={trade.id} />}
    </Stack>
  );
}

function History({ companyId, currency, id }: { companyId: string; currency: string; id: number }) {
  const by = usePeopleNames();
  const versions = useQuery(tradeVersionsQuery(companyId, id));
  return (
    <Section title="History">
      <Loaded query={versions} what="the history" size="s">
        {(found) => <VersionList items={tellTrade(found, currency, by)} label="History" />}
      </Loaded>
    </Section>
  );
}

interface CorrectProps extends Omit<Props, 'onClose'> {
  onDone: () => void;
}

function Correct({ companyId, currency, trade, onDone, onReload }: CorrectProps) {
  const cache = useQueryClient();
  const [fields] = useState(() => tradeFields(trade, false));
  const save = useMutation({
    mutationFn: (values: Record<string, string>) => correctTrade(companyId, trade, toBody(fields, values)),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Corrected', 'Trade');
      onDone();
    },
  });
  const overtaken = save.error instanceof ApiError && save.error.status === 412;
  return (
    <FormStack>
      {overtaken && (
        <Alert color="orange" role="alert" title="This trade was changed meanwhile" variant="outline">
          <p>Nothing of yours was saved.</p>
          <Button variant="default" size="xs" mt={12} onClick={onReload}>
            Load what is recorded now
          </Button>
        </Alert>
      )}
      <EntryForm
        fields={fields}
        currency={currency}
        submitLabel="Save"
        onSubmit={(values) => save.mutate(values)}
        onCancel={onDone}
        pending={save.isPending}
        error={overtaken ? null : save.error}
      />
    </FormStack>
  );
}

interface VoidProps extends Omit<Props, 'onClose' | 'onReload'> {
  onDone: () => void;
  onVoided: () => void;
}

function Void({ companyId, trade, onDone, onVoided }: VoidProps) {
  const cache = useQueryClient();
  const action = useMutation({
    mutationFn: (reason: string) => voidTrade(companyId, trade.id, reason),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
      notify('Voided', 'Trade');
      onVoided();
    },
  });
  return (
    <FormStack>
      <Note>It leaves every figure from now on; figures as known before today keep it.</Note>
      <EntryForm
        fields={REASON}
        currency=""
        submitLabel="Void"
        onSubmit={(values) => action.mutate(values.reason ?? '')}
        onCancel={onDone}
        pending={action.isPending}
        error={action.error}
      />
    </FormStack>
  );
}
