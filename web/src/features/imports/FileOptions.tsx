import type { Import, ImportOptions } from '@/api/types';
import { DateField, Select, TextInput } from '@/ui';
import classes from './imports.module.css';

const DATES = ['YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD.MM.YYYY'];
const DECIMALS = [
  { value: '.', label: 'Point: 1.5' },
  { value: ',', label: 'Comma: 1,5' },
];
const THOUSANDS = [
  { value: 'none', label: 'Nothing: 1000' },
  { value: ',', label: 'Comma: 1,000' },
  { value: '.', label: 'Point: 1.000' },
  { value: ' ', label: 'Space: 1 000' },
  { value: "'", label: 'Apostrophe: 1’000' },
];
const SCALES = [
  { value: '1', label: 'Units' },
  { value: '1000', label: 'Thousands' },
  { value: '1000000', label: 'Millions' },
];

interface Props {
  kind: Import['kind'];
  value: ImportOptions;
  onChange: (value: ImportOptions) => void;
}

/** What a file does not say itself: how its dates and numbers are written, and what holds for all of its rows. */
export function FileOptions({ kind, value, onChange }: Props) {
  const set = (change: Partial<ImportOptions>) => onChange({ ...value, ...change });
  return (
    <div className={classes.map}>
      <Select
        label="Dates are written"
        data={DATES}
        value={value.date_format ?? 'YYYY-MM-DD'}
        onChange={(date_format) => set({ date_format })}
      />
      <Select
        label="Decimals"
        data={DECIMALS}
        value={value.decimal ?? '.'}
        onChange={(decimal) => set({ decimal: decimal as ImportOptions['decimal'] })}
      />
      <Select
        label="Thousands"
        data={THOUSANDS}
        value={value.thousands || 'none'}
        onChange={(sign) => set({ thousands: (sign === 'none' ? '' : sign) as ImportOptions['thousands'] })}
      />
      <TextInput
        label="Currency of new funds"
        placeholder="The firm’s"
        maxLength={3}
        value={value.currency ?? ''}
        onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() || null })}
      />
      {kind === 'flows' && (
        <TextInput
          label="Fund of rows that name none"
          value={value.fund ?? ''}
          onChange={(event) => set({ fund: event.currentTarget.value || null })}
        />
      )}
      {kind === 'summary' && (
        <>
          <DateField
            label="Balances as of"
            value={value.as_of ?? ''}
            onChange={(as_of) => set({ as_of: as_of || null })}
          />
          <Select
            label="Amounts are in"
            data={SCALES}
            value={value.scale ?? '1'}
            onChange={(scale) => set({ scale })}
          />
        </>
      )}
    </div>
  );
}
