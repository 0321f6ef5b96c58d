import { isIsoDate } from '@/lib/dates';

/**
 * What pages keep in their addresses. What stands in an address may be anything: what cannot be read is left out, so
 * that an old or mistyped link still opens its page.
 */
type Raw = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined;

const day = (value: unknown): string | undefined => (isIsoDate(value) ? value : undefined);

const id = (value: unknown): number | undefined => {
  const number = Number(value);
  return value !== '' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
};

const currency = (value: unknown): string | undefined => {
  const code = text(value)?.toUpperCase();
  return code && /^[A-Z]{3}$/.test(code) ? code : undefined;
};

export interface RootSearch {
  /** The date of the figures. */
  as_of?: string;
  /** The day up to whose end they were known. */
  known_at?: string;
  /** The figure that is open. */
  explain?: string;
  /** The recorded fact that is open. */
  fact?: string;
}

export const rootSearch = (raw: Raw): RootSearch => ({
  as_of: day(raw.as_of),
  known_at: day(raw.known_at),
  explain: text(raw.explain),
  fact: text(raw.fact),
});

export interface ListSearch {
  q?: string;
  sort?: string;
}

export const listSearch = (raw: Raw): ListSearch => ({ q: text(raw.q), sort: text(raw.sort) });

export interface CohortsSearch {
  /** What each cell shows. */
  measure?: 'cumulative' | 'minimum';
  /** Months to come are shown, at this monthly churn in percent. */
  churn?: number;
  /** The cell that is open: its cohort month and its period. */
  cell?: string;
}

export const cohortsSearch = (raw: Raw): CohortsSearch => {
  const churn = Number(raw.churn);
  return {
    measure: raw.measure === 'cumulative' || raw.measure === 'minimum' ? raw.measure : undefined,
    churn: raw.churn !== undefined && raw.churn !== '' && churn >= 0 && churn <= 100 ? churn : undefined,
    cell: /^\d{4}-\d{2}-01@\d{1,3}$/.test(text(raw.cell) ?? '') ? text(raw.cell) : undefined,
  };
};

export interface TermsSearch {
  /** The trade that is open. */
  trade?: number;
}

export const termsSearch = (raw: Raw): TermsSearch => ({ trade: id(raw.trade) });

export interface ProjectionsSearch {
  /** What months to come go by: `model`, `churn`, or `scenario:` and its name. */
  by?: string;
  /** The monthly churn in percent, where they go by one. */
  churn?: number;
  /** Periods of each cohort in all. */
  horizon?: number;
  /** The last day that an earlier forecast may know. */
  made?: string;
}

const within = (value: unknown, low: number, high: number): number | undefined => {
  const number = Number(value);
  return value !== undefined && value !== '' && number >= low && number <= high ? number : undefined;
};

export const projectionsSearch = (raw: Raw): ProjectionsSearch => ({
  by: /^(model|churn|scenario:.{1,100})$/.test(text(raw.by) ?? '') ? text(raw.by) : undefined,
  churn: within(raw.churn, 0, 100),
  horizon: within(raw.horizon, 1, 240),
  made: day(raw.made),
});

export interface TradesSearch extends ListSearch {
  fund?: number;
  /** The currency of the figures above the table, where trades have several. */
  currency?: string;
  /** Only these companies: ids with commas. */
  company?: string;
  /** Only trades in these states, with commas. */
  state?: string;
}

const STATES = /^(collecting|below_minimum|cap_reached)(,(collecting|below_minimum|cap_reached))*$/;

export const tradesSearch = (raw: Raw): TradesSearch => ({
  ...listSearch(raw),
  fund: id(raw.fund),
  currency: currency(raw.currency),
  company: /^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/.test(text(raw.company) ?? '') ? text(raw.company) : undefined,
  state: STATES.test(text(raw.state) ?? '') ? text(raw.state) : undefined,
});

export interface OwedSearch {
  /** The month that is shown, by its first day; this one where there is none. */
  month?: string;
  /** The cohort whose steps are open. */
  cohort?: string;
}

const month = (value: unknown): string | undefined => {
  const found = day(value);
  return found?.endsWith('-01') ? found : undefined;
};

export const owedSearch = (raw: Raw): OwedSearch => ({ month: month(raw.month), cohort: month(raw.cohort) });

export interface RoundsSearch {
  /** The round that is open. */
  round?: number;
}

export const roundsSearch = (raw: Raw): RoundsSearch => ({ round: id(raw.round) });

export interface PaymentsSearch {
  /** The list: of a customer, of a cohort, from one day to another, of one upload; and its order. */
  customer?: string;
  cohort?: string;
  since?: string;
  until?: string;
  sort?: string;
  /** The upload that is open. */
  upload?: number;
}

export const paymentsSearch = (raw: Raw): PaymentsSearch => ({
  customer: text(raw.customer),
  cohort: month(raw.cohort),
  since: day(raw.since),
  until: day(raw.until),
  sort: text(raw.sort),
  upload: id(raw.upload),
});

export interface LedgerSearch extends ListSearch {
  fund?: number;
  /** The entry form is open. */
  new?: boolean;
  /** What was taken back is listed too. */
  voided?: boolean;
}

export const ledgerSearch = (raw: Raw): LedgerSearch => ({
  ...listSearch(raw),
  fund: id(raw.fund),
  new: raw.new === true || undefined,
  voided: raw.voided === true || undefined,
});

export interface SignInSearch {
  token?: string;
  /** Where to go afterwards. */
  next?: string;
}

export const signInSearch = (raw: Raw): SignInSearch => ({ token: text(raw.token), next: text(raw.next) });

export interface PeopleSearch {
  /** The person who is open. */
  person?: number;
}

export const peopleSearch = (raw: Raw): PeopleSearch => ({ person: id(raw.person) });

export interface ApprovalsSearch {
  /** The request that is open. */
  request?: number;
  state?: string;
  kind?: string;
}

export const approvalsSearch = (raw: Raw): ApprovalsSearch => ({
  request: id(raw.request),
  state: text(raw.state),
  kind: text(raw.kind),
});

export interface AlertsSearch {
  tab?: 'rules';
  /** The alert that is open. */
  alert?: number;
  state?: string;
  kind?: string;
  company?: number;
}

export const alertsSearch = (raw: Raw): AlertsSearch => ({
  tab: raw.tab === 'rules' ? 'rules' : undefined,
  alert: id(raw.alert),
  state: text(raw.state),
  kind: text(raw.kind),
  company: id(raw.company),
});

export interface RequestsSearch {
  tab?: 'templates' | 'recipients';
  /** The request that is open. */
  request?: number;
  template?: number;
}

export const requestsSearch = (raw: Raw): RequestsSearch => ({
  tab: raw.tab === 'templates' || raw.tab === 'recipients' ? raw.tab : undefined,
  request: id(raw.request),
  template: id(raw.template),
});

export interface InboxSearch {
  /** The submitted value that is open. */
  value?: number;
  state?: string;
  company?: number;
}

export const inboxSearch = (raw: Raw): InboxSearch => ({
  value: id(raw.value),
  state: text(raw.state),
  company: id(raw.company),
});

export interface MetricsSearch {
  /** The key of the metric that is open. */
  metric?: string;
}

export const metricsSearch = (raw: Raw): MetricsSearch => ({ metric: text(raw.metric) });

export interface FxSearch extends ListSearch {
  /** The pair that is shown: units of `to` for one `from`. */
  from?: string;
  to?: string;
  kind?: string;
}

export const fxSearch = (raw: Raw): FxSearch => ({
  ...listSearch(raw),
  from: currency(raw.from),
  to: currency(raw.to),
  kind: text(raw.kind),
});

export interface JobsSearch extends ListSearch {
  state?: string;
}

export const jobsSearch = (raw: Raw): JobsSearch => ({ ...listSearch(raw), state: text(raw.state) });

export interface AuditSearch {
  /** `noun:id`, or a noun. */
  record?: string;
  person?: number;
  action?: string;
  since?: string;
  until?: string;
}

export const auditSearch = (raw: Raw): AuditSearch => ({
  record: text(raw.record),
  person: id(raw.person),
  action: text(raw.action),
  since: day(raw.since),
  until: day(raw.until),
});

export interface LetterSearch {
  /** The secret of a mailed link. */
  token?: string;
}

export const letterSearch = (raw: Raw): LetterSearch => ({ token: text(raw.token) });

export interface NextSearch {
  /** Where to go afterwards. */
  next?: string;
}

export const nextSearch = (raw: Raw): NextSearch => ({ next: text(raw.next) });

export interface FiguresSearch {
  /** The length of the periods. */
  period?: 'month' | 'quarter' | 'year' | 'ltm';
  scenario?: 'actual' | 'budget' | 'forecast';
  currency?: string;
  scale?: 'full' | 'k' | 'm';
  /** How many periods are shown. */
  span?: '8' | '12' | 'all';
  /** The figure that is open: its metric and its period. */
  cell?: string;
  /** Key figures as charts, or as a table. */
  view?: 'table';
}

/** One of a few words, or nothing. */
const among = <T extends string>(value: unknown, words: readonly T[]): T | undefined =>
  words.find((word) => word === text(value));

const LENGTHS = ['month', 'quarter', 'year', 'ltm'] as const;

export const figuresSearch = (raw: Raw): FiguresSearch => ({
  period: among(raw.period, LENGTHS),
  scenario: among(raw.scenario, ['actual', 'budget', 'forecast']),
  currency: currency(raw.currency),
  scale: among(raw.scale, ['full', 'k', 'm']),
  span: among(raw.span, ['8', '12', 'all']),
  view: among(raw.view, ['table']),
  cell: /^[a-z][a-z0-9_]*@[\w/-]{4,20}$/.test(text(raw.cell) ?? '') ? text(raw.cell) : undefined,
});

export interface FigureImportsSearch {
  /** The recorded file that is open. */
  imported?: number;
}

export const figureImportsSearch = (raw: Raw): FigureImportsSearch => ({ imported: id(raw.imported) });

export interface MatrixSearch extends ListSearch {
  fund?: number;
  kind?: FiguresSearch['period'];
  /** One period; the newest where there is none. */
  at?: string;
  currency?: string;
  /** Keys with commas. */
  metrics?: string;
  sector?: string;
  status?: string;
}

const KEYS = /^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*){0,11}$/;
const LABEL = /^\d{4}(-Q[1-4]|-\d{2})?$/;

const matching = (value: unknown, form: RegExp): string | undefined =>
  form.test(text(value) ?? '') ? text(value) : undefined;

export const matrixSearch = (raw: Raw): MatrixSearch => ({
  ...listSearch(raw),
  fund: id(raw.fund),
  kind: among(raw.kind, LENGTHS),
  at: matching(raw.at, LABEL),
  currency: currency(raw.currency),
  metrics: matching(raw.metrics, KEYS),
  sector: text(raw.sector),
  status: text(raw.status),
});

export interface CompareSearch {
  /** Ids with commas. */
  companies?: string;
  metric?: string;
  kind?: FiguresSearch['period'];
  currency?: string;
  /** Against its first figure, or as it is. */
  shown?: 'indexed';
  /** Companies, or the sectors they are in. */
  by?: 'sector';
}

export const compareSearch = (raw: Raw): CompareSearch => ({
  companies: matching(raw.companies, /^[1-9]\d{0,14}(,[1-9]\d{0,14}){0,5}$/),
  metric: matching(raw.metric, /^[a-z][a-z0-9_]*$/),
  kind: among(raw.kind, LENGTHS),
  currency: currency(raw.currency),
  shown: among(raw.shown, ['indexed']),
  by: among(raw.by, ['sector']),
});
