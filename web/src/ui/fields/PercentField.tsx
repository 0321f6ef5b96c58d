import { TextInput } from '@mantine/core';
import { fractionToPercent, parsePercent } from '@/lib/parse-number';
import classes from './fields.module.css';
import { useTyped } from './useTyped';

interface Props {
  label: string;
  /** A fraction as a decimal string ("0.125" is 12.5%), or empty. */
  value: string;
  onChange: (value: string) => void;
  error?: string;
  description?: string;
  required?: boolean;
}

export function PercentField({ label, value, onChange, error, description, required }: Props) {
  const [text, setText] = useTyped(value, fractionToPercent, parsePercent);
  const unreadable = text.trim() !== '' && parsePercent(text) === null;
  const type = (typed: string) => {
    setText(typed);
    onChange(parsePercent(typed) ?? '');
  };
  return (
    <TextInput
      label={label}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      inputMode="decimal"
      autoComplete="off"
      className={classes.number}
      rightSection={<span className="na">%</span>}
      rightSectionPointerEvents="none"
      description={description}
      error={unreadable ? 'Enter a share such as 12.5' : error}
      withAsterisk={required}
    />
  );
}
