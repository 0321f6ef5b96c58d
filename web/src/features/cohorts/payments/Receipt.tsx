import type { PaymentUpload, UploadCheck } from '@/api/types';
import { formatDate, formatInt } from '@/lib/format';
import { type Detail, DetailList } from '@/ui';
import { Findings } from './Findings';

interface Told {
  rows?: number;
  already_recorded?: number;
  first_on?: string | null;
  last_on?: string | null;
  customers_new?: number;
  customers_moved?: number;
  findings?: UploadCheck['findings'];
}

/** What an upload brought. */
export function Receipt({ upload }: { upload: PaymentUpload }) {
  const told = upload.receipt as Told;
  const days = [formatDate(told.first_on), formatDate(told.last_on)].join(' to ');
  const items: Detail[] = [
    { label: 'Payments', value: formatInt(told.rows) },
    { label: 'Recorded before', value: formatInt(told.already_recorded) },
    { label: 'Paid', value: days },
    { label: 'New customers', value: formatInt(told.customers_new) },
    { label: 'Moved to an earlier cohort', value: formatInt(told.customers_moved) },
  ];
  return (
    <>
      <DetailList items={items} />
      <Findings findings={told.findings} fileName={upload.filename} />
    </>
  );
}
