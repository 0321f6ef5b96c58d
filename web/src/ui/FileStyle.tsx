import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './FileStyle.module.css';

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

export interface WrittenStyle {
  date_format?: string | null;
  decimal?: string | null;
  thousands?: string | null;
}

interface Props {
  value: WrittenStyle;
  onChange: (change: WrittenStyle) => void;
  /** Fields beside these. */
  children?: ReactNode;
}

/** What a file does not say itself: how its dates and numbers are written. */
export function FileStyle({ value, onChange, children }: Props) {
  return (
    <FileFields>
      <Select
        label="Dates are written"
        data={DATES}
        value={value.date_format ?? 'YYYY-MM-DD'}
        onChange={(date_format) => onChange({ date_format: date_format ?? undefined })}
      />
      <Select
        label="Decimals"
        data={DECIMALS}
        value={value.decimal ?? '.'}
        onChange={(decimal) => onChange({ decimal: decimal ?? undefined })}
      />
      <Select
        label="Thousands"
        data={THOUSANDS}
        value={value.thousands || 'none'}
        onChange={(sign) => onChange({ thousands: sign === 'none' ? '' : (sign ?? undefined) })}
      />
      {children}
    </FileFields>
  );
}

/** Fields about a file, as many beside each other as there is room for. */
export function FileFields({ children }: { children: ReactNode }) {
  return <div className={classes.fields}>{children}</div>;
}
