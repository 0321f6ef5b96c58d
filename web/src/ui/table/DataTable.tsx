import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { type CsvValue, downloadCsv, toCsv } from '@/lib/csv';
import { formatInt } from '@/lib/format';
import { EmptyBlock } from '../states/EmptyBlock';
import classes from './DataTable.module.css';
import { type Column, type ColumnMeta, columnMeta, features, rawValue, type ServerList } from './features';
import { HeaderCell } from './HeaderCell';
import { toSorting } from './server-sorting';
import { type TableHeading, Toolbar, type ToolbarFacet } from './Toolbar';

interface Props<T extends object> {
  data: T[];
  columns: Column<T>[];
  label: string;
  /** Of the rows as CSV; absent where the page hands them over itself. */
  fileName?: string;
  rowId: (row: T) => string;
  /** Totals of the filtered set, as the server gave them: a row for each currency. Never a sum made here. */
  totals?: TotalsRow[];
  actions?: ReactNode;
  /** Makes the table a card of a page that has several. */
  heading?: TableHeading;
  initialHidden?: string[];
  empty?: ReactNode;
  /** Present where the list lives on the server. */
  server?: ServerList<T>;
  /** The page has its own filters and file: of how many rows these are the first. */
  plain?: number;
  /** The row that is open beside the table. */
  current?: string;
  /** What brings the next rows, where the table does not ask for them itself. */
  more?: ReactNode;
}

/** A row under the list: its label, and what stands in which column. */
export interface TotalsRow {
  label: string;
  cells: Record<string, ReactNode>;
}

/** Fewer rows than this, in a card among others, are found without a search. */
const FEW = 6;
const ROW = 40;
/** Fewer rows than this are all in the document, where Find and print reach them. */
const VIRTUAL_FROM = 200;

/** One table for the whole product: search, facets, sort, columns, CSV, and virtual rows in native table markup. */
export function DataTable<T extends object>(props: Props<T>) {
  const { data, columns, label, fileName, rowId, totals, initialHidden = [], heading, empty, server } = props;
  const [text, setText] = useState('');
  const search = useDeferredValue(text);
  const [exporting, setExporting] = useState(false);
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const visibility = useMemo(() => shownColumns(columns, narrow, initialHidden), [narrow]); // eslint-disable-line
  const sortField = (id: string) => columnMeta(columns.find((column) => idOf(column) === id)!).sort;
  const columnOf = (field: string) =>
    idOf(columns.find((column) => columnMeta(column).sort === field)) || field;
  const table = useTable({
    features,
    columns,
    data,
    getRowId: rowId,
    globalFilterFn: 'includesString',
    initialState: { columnVisibility: visibility },
    manualSorting: Boolean(server),
    manualFiltering: Boolean(server),
    ...(server ? { state: { sorting: toSorting(server.sort, columnOf) } } : {}),
  });
  useEffect(() => {
    if (!server) table.setGlobalFilter(search || undefined);
  }, [search, table, server]);
  useEffect(() => table.setColumnVisibility(visibility), [visibility, table]);

  const rows = table.getRowModel().rows;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => (narrow ? ROW + 6 : ROW),
    overscan: 20,
    getItemKey: (index) => rows[index]!.id,
    enabled: rows.length > VIRTUAL_FROM,
  });
  const seen = virtual.getVirtualItems();
  const virtualised = rows.length > VIRTUAL_FROM;
  const drawn = virtualised ? seen.map((item) => item.index) : rows.map((_, index) => index);
  const above = virtualised ? (seen[0]?.start ?? 0) : 0;
  const below = virtualised ? virtual.getTotalSize() - (seen[seen.length - 1]?.end ?? 0) : 0;
  const order = JSON.stringify([table.state.sorting, search, table.state.columnFilters]);
  useEffect(() => {
    if (box.current) box.current.scrollTop = 0;
  }, [order]);

  const leaves = table.getVisibleLeafColumns();
  const sizes = leaves.map((column) => {
    const share = column.columnDef.meta?.narrow;
    return narrow && typeof share === 'number' ? share : column.getSize();
  });
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const columnWidth = (index: number) => (narrow ? `${(sizes[index]! / width) * 100}%` : sizes[index]);
  const facets: ToolbarFacet[] = server
    ? (server.facets ?? [])
    : table
        .getAllLeafColumns()
        .filter((column) => column.columnDef.meta?.facet)
        .map((column) => ({
          id: column.id,
          label: column.columnDef.meta!.label,
          options: [...column.getFacetedUniqueValues()]
            .map(([value, count]) => ({ value: String(value), label: String(value), count }))
            .sort((a, b) => a.label.localeCompare(b.label)),
          value: (column.getFilterValue() as string[] | undefined) ?? [],
          onChange: (value) => column.setFilterValue(value.length ? value : undefined),
        }));
  const exportCsv = async () => {
    setExporting(true);
    try {
      const all = server ? await server.all() : rows.map((row) => row.original);
      const kept = columns.filter((column) => columnMeta(column).csv !== false);
      const lines = all.map((row, index) => kept.map((column) => rawValue(column, row, index) as CsvValue));
      downloadCsv(
        `${fileName}.csv`,
        toCsv(
          kept.map((column) => columnMeta(column).label),
          lines,
        ),
      );
    } finally {
      setExporting(false);
    }
  };
  const total = props.plain ?? server?.total ?? data.length;
  return (
    <div className={classes.wrap}>
      {props.plain === undefined && (
        <Toolbar
          label={label}
          heading={heading}
          search={server ? (server.search ?? '') : text}
          onSearch={server ? server.onSearch : setText}
          facets={facets}
          narrow={narrow}
          columns={table.getAllLeafColumns().map((column) => ({
            id: column.id,
            label: column.columnDef.meta?.label ?? column.id,
            visible: column.getIsVisible(),
            toggle: () => column.toggleVisibility(),
          }))}
          onCsv={fileName === undefined ? undefined : () => void exportCsv()}
          exporting={exporting}
          isEmpty={server ? server.total === 0 : rows.length === 0}
          actions={props.actions}
          bare={!server && (data.length === 0 || (heading !== undefined && data.length < FEW))}
        />
      )}
      <div
        ref={box}
        className={classes.box}
        data-short={heading ? true : undefined}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <table
          className={classes.t}
          style={narrow ? undefined : { minWidth: width }}
          aria-rowcount={total + 1}
        >
          <caption className="sr-only">{label}</caption>
          <colgroup>
            {leaves.map((column, index) => (
              <col key={column.id} style={{ width: columnWidth(index) }} />
            ))}
          </colgroup>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map(({ id, column }) => {
                  const field = sortField(column.id);
                  const toggle = column.getToggleSortingHandler();
                  const onServer = server && field ? () => server.onSort(field) : undefined;
                  return (
                    <HeaderCell
                      key={id}
                      label={column.columnDef.meta?.label ?? ''}
                      right={column.columnDef.meta?.align === 'right'}
                      sorted={column.getIsSorted()}
                      onSort={server ? onServer : field === false ? undefined : toggle}
                    />
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {above > 0 && <Spacer height={above} span={leaves.length} />}
            {drawn.map((index) => {
              const row = rows[index]!;
              return (
                <tr
                  key={row.id}
                  aria-rowindex={index + 2}
                  aria-current={row.id === props.current ? 'true' : undefined}
                  className={classes.row}
                >
                  {row.getVisibleCells().map((cell) => (
                    <td key={cell.id} className={cellClass(cell.column.columnDef.meta)}>
                      <table.FlexRender cell={cell} />
                    </td>
                  ))}
                </tr>
              );
            })}
            {below > 0 && <Spacer height={below} span={leaves.length} />}
          </tbody>
          {totals && rows.length > 0 && (
            <tfoot className={classes.sums}>
              {totals.map((row) => (
                <tr key={row.label} className={classes.totals}>
                  {leaves.map((column, index) => (
                    <td key={column.id} className={column.columnDef.meta?.align === 'right' ? 'num' : ''}>
                      {row.cells[column.id] ?? (index === 0 ? row.label : null)}
                    </td>
                  ))}
                </tr>
              ))}
            </tfoot>
          )}
        </table>
        {rows.length === 0 &&
          (empty ?? (
            <EmptyBlock title="No matching rows" hint="Try a shorter search or clear the filters." />
          ))}
        {props.more && <div className={classes.more}>{props.more}</div>}
        {server?.hasMore && (
          <div className={classes.more}>
            <Button variant="default" size="xs" onClick={server.onMore} loading={server.loading}>
              Load more
            </Button>
          </div>
        )}
      </div>
      <div className={classes.foot} role="status" aria-live="polite">
        {rows.length === total ? counted(total) : `${formatInt(rows.length)} of ${counted(total)}`}
      </div>
    </div>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={span} />
    </tr>
  );
}

const cellClass = (meta: ColumnMeta | undefined): string | undefined =>
  meta?.align === 'right' ? 'num' : meta?.wrap ? classes.long : '';

const counted = (total: number): string => (total === 1 ? '1 row' : `${formatInt(total)} rows`);

function idOf<T extends object>(column: Column<T> | undefined): string {
  if (!column) return '';
  return column.id ?? ('accessorKey' in column ? String(column.accessorKey) : '');
}

function shownColumns<T extends object>(columns: Column<T>[], narrow: boolean, hidden: string[]) {
  const shown = (column: Column<T>) =>
    narrow ? Boolean(columnMeta(column).narrow) : !hidden.includes(idOf(column));
  return Object.fromEntries(columns.map((column) => [idOf(column), shown(column)]));
}
