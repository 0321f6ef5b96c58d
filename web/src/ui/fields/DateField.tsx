import { DateInput } from '@mantine/dates';
import { parseDate } from '@/lib/dates';

interface Props {
  label: string;
  /** YYYY-MM-DD, or empty. */
  value: string;
  onChange: (value: string) => void;
  error?: string;
  description?: string;
  required?: boolean;
}

/** A calendar date. Reads `2026-06-30` and `30 Jun 2026`, and never guesses at 06/07/26. */
export function DateField({ label, value, onChange, error, description, required }: Props) {
  return (
    <DateInput
      label={label}
      size="sm"
      value={value || null}
      onChange={(date) => onChange(date ?? '')}
      valueFormat="D MMM YYYY"
      dateParser={parseDate}
      placeholder="30 Jun 2026"
      description={description}
      error={error}
      withAsterisk={required}
    />
  );
}
