import type { UploadCheck } from '@/api/types';
import { formatInt } from '@/lib/format';
import { DataTable } from '@/ui';

interface Props {
  findings: UploadCheck['findings'] | undefined;
  fileName: string;
}

/** Where the file says another cohort than the customers' first payments do: the first payment is right. */
export function Findings({ findings, fileName }: Props) {
  const other = findings?.other_cohort_month;
  if (!other) return null;
  const rows = other.customers.map((customer) => ({ customer }));
  return (
    <DataTable
      data={rows}
      columns={[
        { id: 'customer', accessorKey: 'customer', size: 300, meta: { label: 'Customer', narrow: true } },
      ]}
      label="Customers of another cohort"
      fileName={`other-cohort-${fileName}`}
      rowId={(row) => row.customer}
      heading={{
        title: 'Customers of another cohort',
        sub: `${count(other.rows, 'row')} of ${count(other.customer_count, 'customer')} name a cohort that is not the month of the first payment. The first payment decides; the column is ignored.`,
      }}
    />
  );
}

const count = (number: number, noun: string): string =>
  `${formatInt(number)} ${noun}${number === 1 ? '' : 's'}`;
