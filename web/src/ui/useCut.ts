import { useSearch } from '@tanstack/react-router';
import { endOfDay } from '@/lib/dates';

/** The as-of date and the known-at instant of the address, which change every figure on the screen. */
export function useCut(): { as_of?: string; known_at?: string } {
  const { as_of, known_at } = useSearch({ strict: false }) as { as_of?: string; known_at?: string };
  return { as_of, known_at: known_at && endOfDay(known_at) };
}
