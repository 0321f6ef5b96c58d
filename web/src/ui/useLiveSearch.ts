import { useEffect, useRef, useState } from 'react';
import { useSetSearch } from './useSetSearch';

/** How long a value rests before it is written into the address. */
const RESTS = 250;

/**
 * A parameter of the address that moves faster than an address should, as a slider's: the page follows it at once, the
 * address when it rests.
 */
export function useLiveSearch<T>(name: string, value: T): [T, (value: T) => void] {
  const setSearch = useSetSearch();
  const [live, setLive] = useState(value);
  const written = useRef(value);
  useEffect(() => {
    // Somebody else changed the address: a link, or the way back.
    if (value === written.current) return;
    written.current = value;
    setLive(value);
  }, [value]);
  useEffect(() => {
    if (live === written.current) return undefined;
    const timer = setTimeout(() => {
      written.current = live;
      setSearch({ [name]: live }, true);
    }, RESTS);
    return () => clearTimeout(timer);
  }, [live, name, setSearch]);
  return [live, setLive];
}
