/**
 * What the API answers, by the names the pages use. Money, quantities and ratios are decimal strings; a rate found by
 * a solver is a number; undefined is null with its reason in `reasons`.
 */
export type Decimal = string;
export type Reasons = Record<string, string>;

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number;
}

export interface Me {
  /** Null for a program's token. */
  user: { id: number; name: string; email: string } | null;
  firm: { id: number; name: string; currency: string; is_demo: boolean };
  role: string;
  abilities: string[];
}

export interface Irr {
  rate: number | null;
  status: string;
  reason: string | null;
}
