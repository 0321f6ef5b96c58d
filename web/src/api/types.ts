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
export type Cashflows = Schemas['Cashflows'];
export type Cohort = Schemas['CohortOut'];
export type CohortPeriod = Schemas['Period'];
export type Payment = Schemas['PaymentRow'];
export type RecordedPayment = Schemas['PaymentOut'];
export type Owed = Schemas['Owed'];
export type Breach = Schemas['Breach'];
export type Breaches = Schemas['Breaches'];
export type OwedCohort = Schemas['OwedCohort'];
export type PaymentUpload = Schemas['UploadOut'];
export type UploadCheck = Schemas['UploadCheck'];
export type Spend = Schemas['SpendOut'];
export type Override = Schemas['OverrideOut'];
export type Threshold = Schemas['ThresholdOut'];
export type TradeTerms = Schemas['TradeOut'];
export type Projection = Schemas['Predicted'];
export type CohortForecast = Schemas['ForecastOut'];
export type CohortGroups = Schemas['CohortGroupsOut'];
export type Comparison = Schemas['ComparisonOut'];
export type MonthlyRound = Schemas['MonthlyRoundOut'];
export type MonthlyRoundRow = Schemas['MonthlyRoundRow'];
export type RoundTransfer = Schemas['RoundTransferOut'];
export type RoundStep = Schemas['RoundStepOut'];
export type Scenario = Schemas['ScenarioOut'];
export type Simulated = Schemas['SimulateOut'];
export type Solved = Schemas['SolveOut'];
export type Stressed = Schemas['StressOut'];
export type TradeShown = Schemas['TradeShown'];
export type CohortPortfolio = Schemas['Portfolio'];
export type CohortTotals = Schemas['CurrencyTotals'];

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

export type Person = Schemas['UserOut'];
export type RoleName = Schemas['NewUser']['role'];
export type Access = Schemas['AccessOut'];
export type Token = Schemas['TokenOut'];
export type Session = Schemas['SessionOut'];
export type Job = Schemas['JobOut'];
export type AuditRow = Schemas['AuditRowOut'];
export type Rules = Schemas['Rules'];
export type Approval = Schemas['ApprovalOut'];
export type ApprovalDetail = Schemas['ApprovalDetail'];
export type Effect = Schemas['EffectOut'];
export type Directory = Schemas['ProviderOut'];
export type DirectoryForm = Schemas['ProviderForm'];
