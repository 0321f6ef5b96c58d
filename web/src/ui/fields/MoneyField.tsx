import { TextInput } from '@mantine/core';
import { formatMoney } from '@/lib/format';
import { parseAmount } from '@/lib/parse-number';
import classes from './fields.module.css';
import { useTyped } from './useTyped';

interface Props {
  label: string;
  currency: string;
  /** A decimal string, or empty. */
  value: string;
  onChange: (value: string) => void;
  error?: string;
  description?: string;
  required?: boolean;
}

/** Takes `1.25m`, `(500)` or a pasted figure, and says below what it understood. The value stays a decimal string. */
export function MoneyField({ label, currency, value, onChange, error, description, required }: Props) {
  const [text, setText] = useTyped(value, (amount) => amount, parseAmount);
  const read = parseAmount(text);
  const unreadable = text.trim() !== '' && read === null;
  const echo = read === null ? description : understood(read, currency);
  const type = (typed: string) => {
    setText(typed);
    onChange(parseAmount(typed) ?? '');
  };
  return (
    <TextInput
      label={label}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      inputMode="decimal"
      autoComplete="off"
      className={classes.number}
      rightSection={<span className="na">{currency}</span>}
      rightSectionWidth={52}
      rightSectionPointerEvents="none"
      description={echo}
      error={unreadable ? 'Enter an amount such as 1,250,000.00 or 1.25m' : error}
      withAsterisk={required}
    />
  );
}

/** All decimals that were typed, so that none is lost in silence. */
function understood(amount: string, currency: string): string {
  const decimals = amount.split('.')[1]?.length ?? 0;
  const usual = formatMoney(amount, { currency });
  return decimals > 2 ? formatMoney(amount, { currency, dp: decimals }) : usual;
}
