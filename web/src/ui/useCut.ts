import { useSearch } from '@tanstack/react-router';

/** The as-of date and the known-at day of the address, which change every figure on the screen. */
export function useCut(): { as_of?: string; known_at?: string } {
  const { as_of, known_at } = useSearch({ strict: false }) as { as_of?: string; known_at?: string };
  return { as_of, known_at };
}
