import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useMay } from '@/api/abilities';
import { companyQuery } from '@/api/companies';
import { today } from '@/lib/dates';
import {
  Actions,
  Button,
  ButtonLink,
  Card,
  CardHead,
  EmptyBlock,
  ExportButton,
  Held,
  IconFileImport,
  IconPencil,
  Loaded,
  Stack,
  useCut,
  useSetSearch,
  useShortcuts,
} from '@/ui';
import { ApprovePeriod } from './ApprovePeriod';
import { Checks } from './Checks';
import { FigureDrawer } from './FigureDrawer';
import { KINDS, lastPeriod, laterPeriod, SCENARIOS, scaleOf } from './figures';
import { GridLegend } from './GridLegend';
import {
  type Asked,
  fileHref,
  type Financials,
  financialsQuery,
  findingsHref,
  type PeriodKind,
} from './queries';
import { ReportingHead } from './ReportingHead';
import { StatementGrid } from './StatementGrid';
import { SavedBar, TypingBar } from './TypingBar';
import { useCellFindings } from './useCellFindings';
import { useTyping } from './useTyping';
import { spanned, ViewControls } from './ViewControls';

const STATEMENTS: Record<Financials['statements'][number]['statement'], string> = {
  profit_and_loss: 'Profit and loss',
  balance_sheet: 'Balance sheet',
  cash_flow: 'Cash flow',
};
/** Periods to come that a plan is typed for. */
const AHEAD = 4;

/** A company's three statements, line by line and period by period; each figure opens into how it was made. */
export default function FinancialsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/financials' });
  const {
    period: kind = 'quarter',
    scenario = 'actual',
    ...search
  } = useSearch({
    from: '/frame/companies/$companyId/financials',
  });
  const { as_of, known_at } = useCut();
  const setSearch = useSetSearch();
  const mayChange = useMay('metric.change');
  const mayApprove = useMay('metric.approve');
  const company = useQuery(companyQuery(companyId));
  const [isTyping, setTyping] = useState(false);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const asked: Asked = { period: kind, scenario, currency: search.currency, known_at };
  const query = useQuery({
    ...financialsQuery(companyId, isTyping ? { ...asked, empty: true, explain: true } : asked),
    placeholderData: keepPreviousData,
  });
  const findings = useCellFindings(companyId, scenario, kind);
  const data = query.data;
  const lines = useMemo(() => data?.statements.flatMap(({ rows }) => rows) ?? [], [data]);
  const labels = useMemo(() => new Map(lines.map(({ metric, label }) => [metric, label])), [lines]);
  const shown = useMemo(() => {
    const periods = spanned(data?.periods ?? [], search.span ?? '8', as_of);
    return isTyping ? [...periods, ...ahead(periods.at(-1)?.period, kind, scenario)] : periods;
  }, [data, search.span, as_of, isTyping, kind, scenario]);
  const typing = useTyping(
    companyId,
    scenario,
    lines,
    shown.map(({ period }) => period),
    setTyping,
    mayApprove,
  );
  const canType = mayChange && !isTyping && kind !== 'ltm' && known_at === undefined;
  const start = () => {
    // Figures are typed in the company's own currency.
    if (search.currency) setSearch({ currency: undefined }, true);
    typing.start();
  };
  useShortcuts(canType ? [{ keys: 'e', label: 'Type figures', run: start }] : []);
  const fold = useCallback(
    (metric: string) =>
      setFolded(
        (now) => new Set(now.has(metric) ? [...now].filter((one) => one !== metric) : [...now, metric]),
      ),
    [],
  );
  const open = useCallback(
    (metric: string, period: string) => setSearch({ cell: `${metric}@${period}` }),
    [setSearch],
  );
  const scale = search.scale ?? scaleOf(lines);
  const [metric, period] = search.cell?.split('@') ?? [];
  const line = lines.find((one) => one.metric === metric);
  const edit = canType && (
    <Button leftSection={<IconPencil size={16} />} onClick={start}>
      Type figures
    </Button>
  );
  const isEmpty = data && data.periods.length === 0;
  return (
    <>
      <ReportingHead
        companyId={companyId}
        title="Financials"
        sub={
          company.data &&
          `In ${search.currency ?? company.data.currency}, ${SCENARIOS[scenario].toLowerCase()}`
        }
        right={
          <Actions>
            <ExportButton href={fileHref(companyId, 'financials', asked, 'csv')} isEmpty={isEmpty}>
              CSV
            </ExportButton>
            <ExportButton href={fileHref(companyId, 'financials', asked, 'xlsx')} isEmpty={isEmpty}>
              XLSX
            </ExportButton>
            {mayChange && (
              <ButtonLink
                variant="default"
                leftSection={<IconFileImport size={16} />}
                to="/companies/$companyId/financials/import"
                params={{ companyId }}
              >
                Import figures
              </ButtonLink>
            )}
            {edit}
          </Actions>
        }
      />
      {!isTyping && (
        <ViewControls
          kind={kind}
          scenario={scenario}
          currency={search.currency}
          own={company.data?.currency}
          scale={scale}
          span={search.span ?? '8'}
          onChange={(change) => setSearch(change, true)}
        />
      )}
      <Loaded query={query} what="the statements" size="l">
        {(found) =>
          shown.length === 0 ? (
            <Card>
              <EmptyBlock
                title={`No ${SCENARIOS[scenario].toLowerCase()} figures by ${KINDS[kind].toLowerCase()}`}
                hint="They come by file, by a request to the company, or are typed in here."
                action={edit || undefined}
              />
            </Card>
          ) : (
            <Stack>
              <Card>
                <CardHead
                  title={isTyping ? 'Type figures' : 'Statements'}
                  sub={isTyping ? `In full, in ${found.currency}` : 'A figure opens into how it was made'}
                />
                {isTyping ? (
                  <TypingBar
                    typing={typing}
                    mayApprove={mayApprove}
                    hint="1.25m or (500) are understood, a pasted block too; an emptied cell takes its figure back."
                  />
                ) : (
                  <SavedBar typing={typing} />
                )}
                <Held pending={typing.save.isPending}>
                  <StatementGrid
                    label="Statements"
                    sections={found.statements.map(({ statement, rows }) => ({
                      title: STATEMENTS[statement],
                      lines: rows,
                    }))}
                    periods={shown}
                    currency={found.currency}
                    scale={isTyping ? 'full' : scale}
                    findings={findings.byCell}
                    folded={folded}
                    onFold={fold}
                    onOpen={open}
                    status={
                      isTyping
                        ? undefined
                        : (one) => (
                            <ApprovePeriod
                              {...{ companyId, lines }}
                              period={one}
                              mayApprove={mayApprove && known_at === undefined}
                            />
                          )
                    }
                    typing={isTyping ? typing : undefined}
                  />
                </Held>
                <GridLegend />
              </Card>
              <Checks
                findings={findings.items}
                href={findingsHref(companyId, scenario, kind)}
                onOpen={open}
              />
            </Stack>
          )
        }
      </Loaded>
      {line && period && !isTyping && (
        <FigureDrawer
          companyId={companyId}
          asked={{ metric: line.metric, period, scenario, currency: search.currency, known_at }}
          line={line}
          labels={labels}
          findings={findings.byCell.get(search.cell!) ?? []}
          onClose={() => setSearch({ cell: undefined }, true)}
        />
      )}
    </>
  );
}

/** Empty columns to type in after the last period there is: the next one, or a year's worth of a plan. */
function ahead(last: string | undefined, kind: PeriodKind, scenario: string) {
  if (kind === 'ltm') return [];
  const from = last ?? laterPeriod(lastPeriod(kind, today()), -AHEAD);
  const count = last !== undefined && scenario === 'actual' ? 1 : AHEAD;
  return Array.from({ length: count }, (_, index) => laterPeriod(from ?? '', index + 1)).flatMap((period) =>
    period === null ? [] : [{ period, ends_on: '' }],
  );
}
