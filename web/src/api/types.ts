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

/** What the firm put in, got out and still holds, before fees and carry. */
export interface GrossFigures {
  invested: Decimal | null;
  realised: Decimal | null;
  fair_value: Decimal | null;
  moic: Decimal | null;
  irr: Irr;
}

/** What the investors paid in, got back and still have. */
export interface NetFigures {
  committed: Decimal | null;
  paid_in: Decimal | null;
  distributed: Decimal | null;
  nav: Decimal | null;
  nav_basis: string | null;
  unfunded: Decimal | null;
  pic: Decimal | null;
  dpi: Decimal | null;
  rvpi: Decimal | null;
  tvpi: Decimal | null;
  irr: Irr;
  before_carry: boolean;
}

export interface Performance {
  as_of: string;
  known_at: string | null;
  currency: string;
  gross: GrossFigures | null;
  net: NetFigures | null;
  reasons: Reasons;
}

/** One quarter end of a subject's history. */
export interface SeriesPoint {
  on: string;
  contributions: Decimal;
  distributions: Decimal;
  net_cash: Decimal;
  nav: Decimal | null;
  dpi: Decimal | null;
  tvpi: Decimal | null;
}

export interface Fund {
  id: number;
  name: string;
  currency: string;
  strategy: string;
  vintage_year: number | null;
  target_size: Decimal | null;
  started_on: string | null;
  description: string | null;
  main_vehicle_id: number;
  books: 'here' | 'elsewhere';
  version: number;
}
