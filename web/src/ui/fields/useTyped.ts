import { useEffect, useState } from 'react';

/** The text of a field that keeps what was typed while its parsed value goes out; follows the value from outside. */
export function useTyped(
  value: string | null,
  show: (value: string) => string,
  read: (text: string) => string | null,
) {
  const [text, setText] = useState(value ? show(value) : '');
  useEffect(() => {
    if (read(text) !== (value || null)) setText(value ? show(value) : '');
    // Only a change from outside replaces the text.
  }, [value]); // eslint-disable-line
  return [text, setText] as const;
}
