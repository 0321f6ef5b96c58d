import { useQuery } from '@tanstack/react-query';
import { type RefObject, useState } from 'react';
import { currenciesQuery } from '@/api/currencies';
import { currencyName } from '@/lib/format';
import { Select } from '@/ui';

const MOST = 10;

interface Props {
  field: RefObject<HTMLInputElement | null>;
  /** Those that are on the list already. */
  known: string[];
  /** A change before is being saved. */
  isOff: boolean;
  onAdd: (code: string) => void;
}

/** Offers the currencies that have rates today. */
export function AddCurrency({ field, known, isOff, onAdd }: Props) {
  const rated = useQuery(currenciesQuery).data?.items ?? [];
  const [text, setText] = useState('');
  const isFull = known.length >= MOST;
  return (
    <Select
      ref={field}
      label="Add a currency"
      description={isFull ? 'Ten at the most: remove one first' : 'Of those that have rates today'}
      placeholder="Code or name"
      nothingFoundMessage="No such currency with rates"
      searchable
      openOnFocus={false}
      disabled={isFull}
      readOnly={isOff}
      data={rated
        .filter(({ code, is_current: isCurrent }) => isCurrent && !known.includes(code))
        .map(({ code }) => ({ value: code, label: `${code} · ${currencyName(code)}` }))}
      value={null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(code) => {
        if (code) onAdd(code);
        setText('');
      }}
    />
  );
}
