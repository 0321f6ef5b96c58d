import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { MoneyField } from './MoneyField';
import { PercentField } from './PercentField';

function Harness({ kind }: { kind: 'money' | 'percent' }) {
  const [value, setValue] = useState('');
  return (
    <MantineProvider env="test">
      {kind === 'money' ? (
        <MoneyField label="Amount" currency="EUR" value={value} onChange={setValue} />
      ) : (
        <PercentField label="Stake" value={value} onChange={setValue} />
      )}
      <output>{value || 'empty'}</output>
    </MantineProvider>
  );
}

it.each([
  ['1.25m', '1250000', '€1,250,000.00'],
  ['(500)', '-500', '\u2212€500.00'],
  ['1.250.000,5', '1250000.5', '€1,250,000.50'],
  ['9007199254740993.1234', '9007199254740993.1234', '€9,007,199,254,740,993.1234'],
])('understands %s exactly and says what it understood', async (typed, value, echo) => {
  render(<Harness kind="money" />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Amount' }), typed);
  expect(screen.getByRole('status')).toHaveTextContent(value);
  expect(screen.getByText(echo)).toBeVisible();
});

it('refuses what it cannot read, and gives no value', async () => {
  render(<Harness kind="money" />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Amount' }), '12abc');
  expect(screen.getByText(/Enter an amount/)).toBeVisible();
  expect(screen.getByRole('status')).toHaveTextContent('empty');
});

it('turns percent into a fraction', async () => {
  render(<Harness kind="percent" />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Stake' }), '12.5');
  expect(screen.getByRole('status')).toHaveTextContent('0.125');
});
