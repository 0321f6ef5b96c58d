import { MantineProvider } from '@mantine/core';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { DataTable } from './DataTable';
import type { Column, ServerList } from './features';

interface Row {
  id: number;
  name: string;
  amount: string;
}

const ROWS: Row[] = [
  { id: 1, name: 'Birch', amount: '20.00' },
  { id: 2, name: 'Alder', amount: '-5.00' },
  { id: 3, name: 'Cedar', amount: '100.00' },
];
const COLUMNS: Column<Row>[] = [
  { id: 'name', accessorKey: 'name', meta: { label: 'Name', sort: 'name', narrow: true } },
  {
    id: 'amount',
    accessorFn: (row) => Number(row.amount),
    sortFn: 'basic',
    meta: { label: 'Amount', align: 'right', sort: 'amount', narrow: true },
    cell: ({ row }) => row.original.amount,
  },
];

function show(server?: ServerList<Row>, rows = ROWS) {
  render(
    <MantineProvider env="test">
      <DataTable
        data={rows}
        columns={COLUMNS}
        label="Things"
        fileName="things"
        rowId={(row) => String(row.id)}
        totals={[{ label: 'Total', cells: { amount: '115.00' } }]}
        server={server}
      />
    </MantineProvider>,
  );
}

const names = () =>
  screen
    .getAllByRole('row')
    .slice(1, -1)
    .map((row) => within(row).getAllByRole('cell')[0]!.textContent);

function onServer(change: Partial<ServerList<Row>> = {}): ServerList<Row> {
  return {
    total: 250,
    sort: 'name',
    onSort: vi.fn(),
    search: '',
    onSearch: vi.fn(),
    hasMore: true,
    onMore: vi.fn(),
    loading: false,
    all: vi.fn(async () => ROWS),
    ...change,
  };
}

it('shows every row, the totals it was given and the count', () => {
  show();
  expect(names()).toEqual(['Birch', 'Alder', 'Cedar']);
  expect(screen.getByText('115.00')).toBeVisible();
  expect(screen.getByRole('status')).toHaveTextContent('3 rows');
});

it('sorts by a click on a header and says so', async () => {
  show();
  await userEvent.click(screen.getByRole('button', { name: 'Name' }));
  expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  expect(names()).toEqual(['Alder', 'Birch', 'Cedar']);
});

it('finds rows by text and says when there are none', async () => {
  show();
  await userEvent.type(screen.getByRole('textbox', { name: 'Search Things' }), 'ced');
  expect(names()).toEqual(['Cedar']);
  await userEvent.type(screen.getByRole('textbox', { name: 'Search Things' }), 'xyz');
  expect(screen.getByText('No matching rows')).toBeVisible();
});

it('leaves sorting, searching and paging to the server when the list lives there', async () => {
  const server = onServer();
  show(server);
  expect(names()).toEqual(['Birch', 'Alder', 'Cedar']);
  expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  expect(screen.getByText('3 of 250 rows')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Name' }));
  expect(server.onSort).toHaveBeenCalledWith('name');
  await userEvent.click(screen.getByRole('button', { name: 'Amount' }));
  expect(server.onSort).toHaveBeenCalledWith('amount');
  await userEvent.type(screen.getByRole('textbox', { name: 'Search Things' }), 'a');
  expect(server.onSearch).toHaveBeenCalledWith('a');
  await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
  expect(server.onMore).toHaveBeenCalledOnce();
});

it('exports every row of the server’s filtered set, not the page on screen', async () => {
  const server = onServer();
  const blobs: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    blobs.push(blob as Blob);
    return 'blob:x';
  });
  show(server, ROWS.slice(0, 1));
  await userEvent.click(screen.getByRole('button', { name: 'CSV' }));
  expect(server.all).toHaveBeenCalledOnce();
  expect(await blobs[0]!.text()).toContain('Name,Amount\r\nBirch,20\r\nAlder,-5\r\nCedar,100\r\n');
});
