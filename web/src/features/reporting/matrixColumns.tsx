import { Link } from '@tanstack/react-router';
import { commonUnit, humanise, toNumber, unitLabel } from '@/lib/format';
import { type Column, NotAvailable, Sparkline } from '@/ui';
import { cellText, type Scale } from './figures';
import { cellSays, STATUSES } from './matrix';
import classes from './matrix.module.css';
import type { Matrix, MatrixCompany, MatrixMetric } from './queries';

/** The company, its sector, and a column a metric; a column of money has one scale for all its cells. */
export function matrixColumns(data: Matrix, alerts: ReadonlyMap<string, string>): Column<MatrixCompany>[] {
  const currencies = new Set(data.companies.map(({ currency }) => currency));
  const kind = data.period_kind;
  const figure = (metric: MatrixMetric, index: number): Column<MatrixCompany> => {
    const scale = scaleOf(data, metric);
    return {
      id: metric.metric,
      accessorFn: (row) => row.cells[metric.metric]?.value,
      size: metric.unit === 'money' ? 164 : 150,
      meta: {
        label: heading(metric, scale, currencies),
        align: 'right',
        sort: metric.metric,
        narrow: index === 0 && 120,
      },
      cell: ({ row: { original: row } }) => (
        <Figure
          row={row}
          metric={metric}
          scale={scale}
          kind={kind}
          currency={data.currency ?? undefined}
          alert={alerts.get(`${row.company_id}@${metric.metric}`)}
        />
      ),
    };
  };
  return [
    {
      id: 'name',
      accessorKey: 'name',
      size: 170,
      meta: { label: 'Company', sort: 'name', narrow: 130 },
      cell: ({ row: { original: row } }) => (
        <Link
          className={classes.company}
          to="/companies/$companyId/financials"
          params={{ companyId: String(row.company_id) }}
        >
          {row.name}
        </Link>
      ),
    },
    {
      id: 'sector',
      accessorFn: (row) => (row.sector ? humanise(row.sector) : null),
      size: 136,
      meta: { label: 'Sector', sort: 'sector' },
    },
    ...(currencies.size > 1
      ? [
          {
            id: 'currency',
            accessorKey: 'currency',
            size: 84,
            meta: { label: 'Currency', sort: false as const },
          },
        ]
      : []),
    ...data.metrics.map(figure),
  ];
}

function scaleOf(data: Matrix, { metric, unit }: MatrixMetric): Scale {
  if (unit !== 'money') return 'full';
  const found = commonUnit(data.companies.map((one) => one.cells[metric]?.value ?? null));
  return found === 'bn' ? 'm' : found;
}

function heading({ label, unit }: MatrixMetric, scale: Scale, currencies: ReadonlySet<string>): string {
  if (unit === 'months') return `${label}, months`;
  if (unit !== 'money') return label;
  const [only] = currencies;
  if (currencies.size === 1 && only) return `${label}, ${unitLabel(only, scale)}`;
  return scale === 'full' ? label : `${label}, ${scale}`;
}

interface FigureProps {
  row: MatrixCompany;
  metric: MatrixMetric;
  scale: Scale;
  kind: Matrix['period_kind'];
  /** What all are converted to. */
  currency: string | undefined;
  alert: string | undefined;
}

/** A figure with its trend and its marks; it leads to the company's own page, where it opens. */
function Figure({ row, metric, scale, kind, currency, alert }: FigureProps) {
  const cell = row.cells[metric.metric];
  if (!cell || (cell.value === null && cell.trend.every((one) => one === null)))
    return <NotAvailable why="not reported" />;
  const to = metric.statement === 'kpi' ? '/companies/$companyId/kpis' : '/companies/$companyId/financials';
  const says = cellSays(row, metric, cell);
  return (
    <Link
      className={classes.cell}
      to={to}
      params={{ companyId: String(row.company_id) }}
      search={{
        period: kind === 'quarter' ? undefined : kind,
        currency,
        cell: row.period ? `${metric.metric}@${row.period}` : undefined,
      }}
      title={alert ? `${says}; ${alert}` : says}
    >
      {alert && (
        <i className={classes.alert}>
          <span aria-hidden>!</span>
          <span className="sr-only">{alert}</span>
        </i>
      )}
      <Sparkline width={46} height={18} label="trend" data={cell.trend.map((one) => toNumber(one))} />
      <span className={classes.value} data-draft={(cell.is_draft && cell.value !== null) || undefined}>
        {cellText(cell.value, metric.unit, row.currency, scale)}
      </span>
      {cell.is_draft && <span className="sr-only">, draft</span>}
      <i className={classes.mark} data-status={cell.status} />
      {cell.against_plan !== null && <span className="sr-only">, {STATUSES[cell.status]}</span>}
    </Link>
  );
}
