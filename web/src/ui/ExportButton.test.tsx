import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { ExportButton } from './ExportButton';
import { FileMenu } from './FileMenu';

const show = (what: React.ReactNode) => render(<MantineProvider env="test">{what}</MantineProvider>);
const href = (form: string) => `/rounds?format=${form}`;

it('is off where there is nothing to export, and says why to whoever reaches it', async () => {
  const onClick = vi.fn();
  show(
    <ExportButton onClick={onClick} isEmpty>
      CSV
    </ExportButton>,
  );
  const button = screen.getByRole('button', { name: 'CSV' });
  expect(button).toHaveAttribute('aria-description', 'Nothing to export');
  await userEvent.tab();
  expect(button).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await userEvent.click(button);
  expect(onClick).not.toHaveBeenCalled();
});

it('leads to the server’s file where there is one', () => {
  show(<ExportButton href="/trades?format=xlsx">XLSX</ExportButton>);
  expect(screen.getByRole('link', { name: 'XLSX' })).toHaveAttribute('href', '/trades?format=xlsx');
});

it('a menu of files offers those that have rows', async () => {
  show(
    <FileMenu
      files={[
        { label: 'Rounds', href, isEmpty: false },
        { label: 'Trades', href, isEmpty: true },
      ]}
    />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Export' }));
  expect(await screen.findByRole('menuitem', { name: 'Rounds, XLSX' })).toHaveAttribute('href', href('xlsx'));
  expect(screen.getByRole('menuitem', { name: 'Trades: nothing yet' })).toBeDisabled();
});

it('a menu of empty files is off as a whole', () => {
  show(<FileMenu files={[{ label: 'Rounds', href, isEmpty: true }]} />);
  expect(screen.getByRole('button', { name: 'Export' })).toHaveAttribute('aria-disabled', 'true');
});
