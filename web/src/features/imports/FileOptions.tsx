import type { Import, ImportOptions } from '@/api/types';
import { DateField, FileStyle, Select, TextInput } from '@/ui';

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
    <FileStyle value={value} onChange={(change) => set(change as Partial<ImportOptions>)}>
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
    </FileStyle>
  );
}
