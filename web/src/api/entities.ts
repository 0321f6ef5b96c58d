import { http } from './client';

const SCREENFUL = 20;

/** The options of a field that chooses one record of a list by its name. */
export const searchBy =
  (path: '/api/v1/companies' | '/api/v1/investors' | '/api/v1/funds' | '/api/v1/vehicles') =>
  async (text: string) => {
    const query = { q: text.trim() || undefined, limit: SCREENFUL };
    const { data } = await http.GET(path, { params: { query } });
    return data!.items.map((row) => ({ value: String(row.id), label: row.name }));
  };

const SCOPES = {
  fund: '/api/v1/funds',
  vehicle: '/api/v1/vehicles',
  company: '/api/v1/companies',
  investor: '/api/v1/investors',
} as const;

/** The same for what can be granted. */
export const searchScopes = (kind: string) => searchBy(SCOPES[kind as keyof typeof SCOPES]);
