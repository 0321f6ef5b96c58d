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

/** An effective annual rate (Act/365), or why there is none. */
export interface Irr {
  rate: number | null;
  status: string;
  reason: string | null;
  annualised: boolean;
  since_inception: number | null;
  roots: number[];
  residual: number | null;
  first_on: string | null;
  last_on: string | null;
}

/** Between the investors and the fund. */
export interface NetFigures {
  committed: Decimal;
  called: Decimal;
  paid_in: Decimal;
  distributed: Decimal;
  recallable: Decimal;
  unfunded: Decimal | null;
  nav: Decimal | null;
  nav_basis: string;
  valued_on: string;
  before_carry: boolean;
  fair_value: Decimal | null;
  cash: Decimal | null;
  liabilities: Decimal | null;
  accrued_carry: Decimal | null;
  pic: Decimal | null;
  dpi: Decimal | null;
  rvpi: Decimal | null;
  tvpi: Decimal | null;
  irr: Irr;
  reasons: Reasons;
}

/** Between the fund and its companies. */
export interface GrossFigures {
  invested: Decimal;
  realised: Decimal;
  fair_value: Decimal | null;
  at_cost: number;
  moic: Decimal | null;
  dpi: Decimal | null;
  rvpi: Decimal | null;
  irr: Irr;
  reasons: Reasons;
}

export interface Performance {
  scope: { kind: string; id: number; name: string };
  as_of: string;
  known_at: string | null;
  /** Null where several currencies meet; then there are no sums. */
  currency: string | null;
  net: NetFigures | null;
  gross: GrossFigures | null;
  reasons: Reasons;
  explain: Record<string, Explanation> | null;
}

export interface ExplainedFlow {
  on: string;
  /** The owner's cash: out is negative. */
  amount: Decimal;
  kind: string;
  /** The table and the row it was read from. */
  record: string;
  id: number;
}

/** How one figure was made. */
export interface Explanation {
  formula: string;
  value: Decimal | number | null;
  status: string | null;
  reason?: string | null;
  convention?: string;
  inputs: Record<string, Decimal | null>;
  flows: ExplainedFlow[];
  residual: number | null;
}

/** A quarter's end, or the day asked for. */
export interface SeriesPoint {
  on: string;
  contributions: Decimal;
  distributions: Decimal;
  cumulative_net: Decimal;
  nav: Decimal | null;
  paid_in: Decimal;
  distributed: Decimal;
  dpi: Decimal | null;
  rvpi: Decimal | null;
  tvpi: Decimal | null;
  irr: number | null;
  invested: Decimal;
  fair_value: Decimal | null;
  moic: Decimal | null;
}

/** A holding as of a day. */
export interface Position {
  holding_id: number;
  investment_id: number;
  company_id: number;
  company: string;
  fund_id: number;
  vehicle_id: number;
  name: string;
  currency: string;
  status: string;
  first_on: string;
  ended_on: string | null;
  quantity: string | null;
  ownership: Decimal | null;
  cost: Decimal;
  remaining_cost: Decimal;
  realised: Decimal;
  fair_value: Decimal | null;
  basis: string;
  measured_on: string | null;
  moic: Decimal | null;
  irr: Irr;
  reasons: Reasons;
}

export interface Positions {
  as_of: string;
  known_at: string | null;
  items: Position[];
  total: GrossFigures | null;
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
  books: string;
  version: number;
}
