import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { Chart } from './Chart';
import { tipHtml } from './tokens';

vi.mock('./echarts', () => ({ init: () => ({ setOption: vi.fn(), resize: vi.fn(), dispose: vi.fn() }) }));

it('has a name, a spoken summary, and the same numbers as a table', async () => {
  render(
    <MantineProvider env="test">
      <Chart
        title="Value"
        summary="Value ends at 12."
        rows={[{ year: '2025', value: 12 }]}
        columns={[
          { header: 'Year', value: (row) => row.year, text: (row) => row.year },
          { header: 'Value', value: (row) => row.value, text: (row) => `$${row.value}`, numeric: true },
        ]}
        option={() => ({})}
        fileName="value"
        legend={[{ name: 'Value', colour: 1, shape: 'line' }]}
      />
    </MantineProvider>,
  );
  expect(screen.getByRole('figure', { name: 'Value' })).toHaveAccessibleDescription('Value ends at 12.');
  await userEvent.click(screen.getByRole('button', { name: 'Value', pressed: true }));
  expect(screen.getByRole('button', { name: 'Value', pressed: false })).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Value: more' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Show as table' }));
  expect(screen.getByRole('cell', { name: '$12' })).toBeVisible();
});

it('escapes names in its tooltip', () => {
  expect(tipHtml('Q1', [['<b>x</b>', '1']])).not.toContain('<b>x');
});
