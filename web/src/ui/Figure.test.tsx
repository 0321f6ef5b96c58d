import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { ExplainContext, figureKey, parseFigureKey } from './explain';
import { Figure } from './Figure';
import { Irr } from './Irr';

const REF = { subject: 'funds', id: 12, field: 'net.tvpi' } as const;

it('opens into how it was made', async () => {
  const open = vi.fn();
  render(
    <ExplainContext value={open}>
      <Figure kind="multiple" value="1.8412" explain={REF} />
    </ExplainContext>,
  );
  await userEvent.click(screen.getByRole('button', { name: '1.84x (show how it was made)' }));
  expect(open).toHaveBeenCalledWith(REF);
});

it('shows a dash with the reason where there is no figure', () => {
  render(<Figure kind="multiple" value={null} reason="nothing_paid_in" />);
  expect(screen.getByTitle('nothing has been paid in yet')).toHaveTextContent('–');
});

it('keeps the exact amount on hover', () => {
  render(<Figure kind="money" value="184213456.78" money={{ unit: 'm' }} />);
  expect(screen.getByText('$184.2m')).toHaveAttribute('title', '$184,213,456.78');
});

it.each([
  [{ rate: 0.2341, status: 'ok', reason: null }, '23.4%'],
  [{ rate: 0.9, status: 'under_one_year', reason: null }, 'n.m.'],
  [{ rate: null, status: 'none', reason: 'no_positive_flow' }, '–'],
])('shows an IRR with its status: %j', (value, text) => {
  render(<Irr value={value} />);
  expect(document.body).toHaveTextContent(text);
});

it('names a figure in the address and reads it back', () => {
  expect(parseFigureKey(figureKey(REF))).toEqual({ ...REF, id: '12' });
  expect(parseFigureKey('users:1:name')).toBeNull();
  expect(parseFigureKey(undefined)).toBeNull();
});
