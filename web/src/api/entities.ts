import { http } from './client';
import type { Page } from './types';

interface Named {
  id: number;
  name: string;
}

const SCREENFUL = 20;

/** The options of a field that chooses one record of a list by its name. */
export const searchBy =
  (path: string, filters: Record<string, string | number> = {}, label = (row: Named) => row.name) =>
  async (text: string) => {
    const query = { q: text || undefined, limit: SCREENFUL, ...filters };
    const { data } = await http.GET(path, { params: { query } });
    return (data as Page<Named>).items.map((row) => ({ value: String(row.id), label: label(row) }));
  };
