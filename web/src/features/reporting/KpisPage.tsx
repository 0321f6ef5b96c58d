import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { companyQuery } from '@/api/companies';
import {
  Actions,
  Card,
  CardHead,
  EmptyBlock,
  ExportButton,
  Loaded,
  Note,
  SegmentedControl,
  Stack,
  useCut,
  useSetSearch,
} from '@/ui';
import { FigureDrawer } from './FigureDrawer';
import { SCENARIOS, scaleOf } from './figures';
import { GridLegend } from './GridLegend';
import { KpiChart } from './KpiChart';
import { periodsOf, seriesOf } from './kpis';
import { type Asked, definitionsQuery, fileHref, type Kpis, kpisQuery } from './queries';
import { ReportingHead } from './ReportingHead';
import classes from './reporting.module.css';
import { StatementGrid } from './StatementGrid';
import { useCellFindings } from './useCellFindings';
import { spanned, ViewControls } from './ViewControls';

const NO_FOLDS: ReadonlySet<string> = new Set();

/** A company's key figures: each a small chart of actual, budget and forecast, or all of them as a table. */
export default function KpisPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/kpis' });
  const search = useSearch({ from: '/frame/companies/$companyId/kpis' });
  const { period: kind = 'quarter', scenario = 'actual', view = 'charts', span = '8' } = search;
  const { as_of, known_at } = useCut();
  const setSearch = useSetSearch();
  const company = useQuery(companyQuery(companyId));
  const asked = (one: Asked['scenario']): Asked => ({
    period: kind,
    scenario: one,
    currency: search.currency,
    known_at,
  });
  const actual = useQuery({ ...kpisQuery(companyId, asked('actual')), placeholderData: keepPreviousData });
  const budget = useQuery({ ...kpisQuery(companyId, asked('budget')), placeholderData: keepPreviousData });
  const forecast = useQuery({
    ...kpisQuery(companyId, asked('forecast')),
    placeholderData: keepPreviousData,
  });
  const shown = { actual, budget, forecast }[scenario];
  const labels = useQuery(definitionsQuery).data;
  const names = useMemo(() => new Map(labels?.map(({ key, label }) => [key, label])), [labels]);
  const findings = useCellFindings(companyId, scenario, kind);
  const open = useCallback(
    (metric: string, period: string) => setSearch({ cell: `${metric}@${period}` }),
    [setSearch],
  );
  const [metric, period] = search.cell?.split('@') ?? [];
  const line = shown.data?.rows.find((one) => one.metric === metric);
  const views: Partial<Record<Asked['scenario'], Kpis>> = {
    ...(actual.data && { actual: actual.data }),
    ...(budget.data && { budget: budget.data }),
    ...(forecast.data && { forecast: forecast.data }),
  };
  const isEmpty = shown.data && shown.data.rows.length === 0;
  return (
    <>
      <ReportingHead
        companyId={companyId}
        title="KPIs"
        sub={company.data && `In ${search.currency ?? company.data.currency}`}
        right={
          <Actions>
            <ExportButton href={fileHref(companyId, 'kpis', asked(scenario), 'csv')} isEmpty={isEmpty}>
              CSV
            </ExportButton>
            <ExportButton href={fileHref(companyId, 'kpis', asked(scenario), 'xlsx')} isEmpty={isEmpty}>
              XLSX
            </ExportButton>
            <SegmentedControl
              aria-label="Shown as"
              data={[
                { value: 'charts', label: 'Charts' },
                { value: 'table', label: 'Table' },
              ]}
              value={view}
              onChange={(value) => setSearch({ view: value === 'table' ? value : undefined }, true)}
            />
          </Actions>
        }
      />
      <ViewControls
        kind={kind}
        scenario={view === 'table' ? scenario : undefined}
        currency={search.currency}
        own={company.data?.currency}
        span={span}
        onChange={(change) => setSearch(change, true)}
      />
      <Loaded query={shown} what="the key figures" size="l">
        {(found) =>
          view === 'table' ? (
            found.rows.length === 0 ? (
              <Nothing of={SCENARIOS[scenario].toLowerCase()} />
            ) : (
              <Card>
                <CardHead title="Key figures" sub="A figure opens into how it was made" />
                <StatementGrid
                  label="Key figures"
                  sections={[{ title: '', lines: found.rows }]}
                  periods={spanned(found.periods, span, as_of)}
                  currency={found.currency}
                  scale={scaleOf(found.rows)}
                  findings={findings.byCell}
                  folded={NO_FOLDS}
                  onFold={() => undefined}
                  onOpen={open}
                />
                <GridLegend />
              </Card>
            )
          ) : (
            <Charts views={views} span={span} as_of={as_of} currency={found.currency} />
          )
        }
      </Loaded>
      {line && period && (
        <FigureDrawer
          companyId={companyId}
          asked={{ metric: line.metric, period, scenario, currency: search.currency, known_at }}
          line={line}
          labels={names}
          findings={findings.byCell.get(search.cell!) ?? []}
          onClose={() => setSearch({ cell: undefined }, true)}
        />
      )}
    </>
  );
}

interface ChartsProps {
  views: Partial<Record<Asked['scenario'], Kpis>>;
  span: '8' | '12' | 'all';
  as_of: string | undefined;
  currency: string;
}

function Charts({ views, span, as_of, currency }: ChartsProps) {
  // Plans may reach beyond what is reported: of it the last few are shown, of the plan all that follows.
  const told = spanned(views.actual?.periods ?? [], span, as_of);
  const from = told[0]?.ends_on ?? '';
  const periods = periodsOf(views).filter(({ ends_on }) => ends_on >= from);
  const series = seriesOf(views, periods);
  if (series.length === 0) return <Nothing of="key" />;
  return (
    <Stack>
      <Note>
        Solid: reported. Dashed: forecast. Thin: budget. Every axis begins at nought; a chart’s menu shows it
        as a table.
      </Note>
      <div className={classes.multiples}>
        {series.map((one) => (
          <KpiChart key={one.metric} series={one} currency={currency} />
        ))}
      </div>
    </Stack>
  );
}

function Nothing({ of }: { of: string }) {
  return (
    <Card>
      <EmptyBlock
        title={`No ${of} figures here`}
        hint="They come by file, by a request to the company, or are typed in on the page Financials."
      />
    </Card>
  );
}
