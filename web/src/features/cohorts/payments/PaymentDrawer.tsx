import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import type { RecordedPayment } from '@/api/types';
import { formatDate } from '@/lib/format';
import {
  DetailList,
  EntryForm,
  type FieldSpec,
  FormDrawer,
  Loaded,
  Money,
  notify,
  Section,
  Stack,
  toBody,
} from '@/ui';
import { cohortKey } from '../queries';
import { correctPayment, paymentQuery, voidPayment } from './queries';

interface Props {
  companyId: string;
  id: number;
  currency: string;
  onClose: () => void;
}

/** One payment: which cohort it counts in, and for whoever may, its correction and the way back. */
export function PaymentDrawer({ companyId, id, currency, onClose }: Props) {
  const payment = useQuery(paymentQuery(companyId, id));
  const may = useMay('cohort_data.change');
  return (
    <FormDrawer opened onClose={onClose} title="Payment" sub={payment.data?.customer_id}>
      <Loaded query={payment} what="this payment" size="m">
        {(found) => (
          <Stack>
            <DetailList
              items={[
                { label: 'Cohort', value: formatDate(found.cohort_month, 'month') },
                { label: 'Month', value: found.period },
                { label: 'Amount', value: <Money value={found.amount} currency={currency} /> },
              ]}
            />
            {may && <Changes {...{ companyId, currency, onClose }} payment={found} />}
          </Stack>
        )}
      </Loaded>
    </FormDrawer>
  );
}

const WHY: FieldSpec[] = [
  { name: 'reason', label: 'Reason', kind: 'prose', required: true, description: 'Kept with the payment' },
];

function fieldsOf(payment: RecordedPayment): FieldSpec[] {
  return [
    {
      name: 'customer_id',
      label: 'Customer',
      kind: 'text',
      required: true,
      initial: payment.customer_id,
    },
    { name: 'payment_date', label: 'Paid on', kind: 'date', required: true, initial: payment.payment_date },
    { name: 'amount', label: 'Amount', kind: 'money', required: true, initial: payment.amount },
    { name: 'reference_id', label: 'Reference', kind: 'text', initial: payment.reference_id ?? '' },
  ];
}

function Changes({
  companyId,
  currency,
  payment,
  onClose,
}: Omit<Props, 'id'> & { payment: RecordedPayment }) {
  const cache = useQueryClient();
  const done = (what: string) => async () => {
    await cache.invalidateQueries({ queryKey: cohortKey(companyId) });
    notify(what, `Payment of ${payment.customer_id}`);
    onClose();
  };
  const fields = fieldsOf(payment);
  const correct = useMutation({
    mutationFn: (values: Record<string, string>) =>
      correctPayment(companyId, payment, toBody(fields, values) as unknown as RecordedPayment),
    onSuccess: done('Corrected'),
  });
  const takeBack = useMutation({
    mutationFn: (reason: string) => voidPayment(companyId, payment.id, reason),
    onSuccess: done('Voided'),
  });
  return (
    <>
      <Section title="Correct it">
        <EntryForm
          fields={fields}
          currency={currency}
          submitLabel="Correct"
          onSubmit={(values) => correct.mutate(values)}
          onCancel={onClose}
          pending={correct.isPending}
          error={correct.error}
        />
      </Section>
      <Section title="Take it back">
        <EntryForm
          fields={WHY}
          currency=""
          submitLabel="Void"
          onSubmit={(values) => takeBack.mutate(values.reason ?? '')}
          onCancel={onClose}
          pending={takeBack.isPending}
          error={takeBack.error}
        />
      </Section>
    </>
  );
}
