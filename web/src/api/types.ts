/**
 * What the API answers, by the names the pages use. Money, quantities and ratios are decimal strings; a rate found by
 * a solver is a number; undefined is null with its reason in `reasons`.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Decimal = string;

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number;
}

export type Me = Schemas['Me'];
export type Fund = Schemas['FundOut'];
export type Company = Schemas['CompanyOut'];
export type Round = Schemas['RoundOut'];
export type Mark = Schemas['MarkOut'];
export type Transaction = Schemas['TransactionOut'];
export type Investor = Schemas['InvestorOut'];
export type Commitment = Schemas['CommitmentOut'];
export type CapitalCall = Schemas['CallSummary'];
export type Distribution = Schemas['DistributionSummary'];
export type Irr = Schemas['RateOut'];
export type NetFigures = Schemas['NetOut'];
export type GrossFigures = Schemas['GrossOut'];
export type SeriesPoint = Schemas['SeriesPoint'];
export type FundRow = Schemas['FundRow'];
export type FundTotals = Schemas['FundTotals'];
export type FundPage = Schemas['FundRows'];
export type LedgerRow = Schemas['LedgerRow'];

/** A holding as of a day, with its figures. */
export type Position = Schemas['HoldingPerformance'];
export type Positions = Schemas['HoldingPerformances'];

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

export type Performance = Omit<Schemas['PerformanceOut'], 'explain'> & {
  explain: Record<string, Explanation> | null;
};

export type Import = Schemas['ImportOut'];
export type ImportKind = Schemas['Body_create_import']['kind'];
export type ImportOptions = Schemas['OptionsIn'];
export type Preview = Schemas['PreviewOut'];
export type PreviewRow = Schemas['PreviewRowOut'];
export type RowError = Schemas['RowErrorOut'];
