import { z } from 'zod';
import { isIsoDate } from '@/lib/dates';

const day = z.string().refine(isIsoDate).optional().catch(undefined);

/** What every page keeps in its address: the date of the figures, when they were known, and the figure that is open. */
export const rootSearch = z.object({
  as_of: day,
  known_at: day,
  explain: z.string().optional().catch(undefined),
});
