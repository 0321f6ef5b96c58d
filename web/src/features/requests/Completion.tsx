import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { periodText } from '@/lib/format';
import {
  Actions,
  Card,
  CardBody,
  CardHead,
  EmptyBlock,
  ExportButton,
  Loaded,
  MainAside,
  Select,
  StatusPill,
  useSetSearch,
} from '@/ui';
import classes from './Completion.module.css';
import { type Cell, type Matrix, matrixHref, matrixQuery, templatesQuery } from './queries';
import { RequestCard } from './RequestCard';
import { cellText, toneOf } from './words';

/** Company × period: asked, begun, sent, sent back, approved, overdue. */
export function Completion() {
  const { request, template } = useSearch({ from: '/frame/requests' });
  const setSearch = useSetSearch();
  const matrix = useQuery(matrixQuery(template));
  const templates = useQuery(templatesQuery);
  const table = (
    <Card>
      <CardHead
        title="Companies and periods"
        sub={matrix.data && summary(matrix.data)}
        right={
          <Actions>
            <Select
              aria-label="Template"
              placeholder="All templates"
              clearable
              size="xs"
              data={templates.data?.map(({ id, name }) => ({ value: String(id), label: name })) ?? []}
              value={template === undefined ? null : String(template)}
              onChange={(value) =>
                setSearch({ template: value ? Number(value) : undefined, request: undefined }, true)
              }
            />
            <ExportButton href={matrixHref(template)} isEmpty={matrix.data?.companies.length === 0}>
              CSV
            </ExportButton>
          </Actions>
        }
      />
      <Loaded query={matrix} what="the requests" size="l">
        {(found) =>
          found.companies.length === 0 ? (
            <CardBody>
              <EmptyBlock
                title="Nobody was asked yet"
                hint="Say what is asked and who is asked; then ask, or let the schedule do it."
              />
            </CardBody>
          ) : (
            <Table
              matrix={found}
              open={request}
              onOpen={(id) => setSearch({ request: id === request ? undefined : id }, true)}
            />
          )
        }
      </Loaded>
    </Card>
  );
  if (request === undefined) return table;
  return (
    <MainAside>
      {table}
      <RequestCard key={request} id={request} onClose={() => setSearch({ request: undefined }, true)} />
    </MainAside>
  );
}

interface TableProps {
  matrix: Matrix;
  open: number | undefined;
  onOpen: (id: number) => void;
}

function Table({ matrix, open, onOpen }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current!.scrollLeft = box.current!.scrollWidth; // the newest periods are at the end
  }, []);
  return (
    <div ref={box} className={classes.scroll} tabIndex={0} role="region" aria-label="Table of requests">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Company</th>
            {matrix.periods.map(({ period, period_kind }) => (
              <th key={`${period_kind} ${period}`} scope="col">
                {periodText(period)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.companies.map(({ company_id, company, cells }) => (
            <tr key={company_id}>
              <th scope="row">{company}</th>
              {matrix.periods.map(({ period, ends_on, period_kind }) => (
                <td key={`${period_kind} ${period}`}>
                  {cells
                    .filter((cell) => cell.ends_on === ends_on && cell.period_kind === period_kind)
                    .map((cell) => (
                      <button
                        key={cell.data_request_id}
                        type="button"
                        aria-pressed={cell.data_request_id === open}
                        aria-label={`${company}, ${periodText(period)}, ${cell.name}: ${cellText(cell)}`}
                        onClick={() => onOpen(cell.data_request_id)}
                      >
                        <StatusPill tone={toneOf(cell)}>{shown(cell)}</StatusPill>
                      </button>
                    ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const shown = (cell: Cell): string =>
  cell.state === 'submitted' && cell.approved > 0
    ? `${cell.approved} of ${cell.answers} approved`
    : cellText(cell);

function summary({ counts }: Matrix): string {
  const words: Record<string, string> = {
    overdue: 'overdue',
    asked: 'asked',
    draft: 'begun',
    returned: 'sent back',
    submitted: 'sent',
    approved: 'approved',
  };
  return Object.entries(words)
    .filter(([state]) => counts[state])
    .map(([state, word]) => `${counts[state]} ${word}`)
    .join(' · ');
}
