import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { ApiError } from '@/api/client';
import { EntryForm } from './EntryForm';
import { type FieldSpec, toBody } from './fields';

const FIELDS: FieldSpec[] = [
  { name: 'amount', label: 'Amount', kind: 'money', required: true },
  { name: 'memo', label: 'Note', kind: 'prose' },
  { name: 'recallable', label: 'Recallable', kind: 'flag' },
];

function show(onSubmit = vi.fn(), error: unknown = null) {
  render(form(onSubmit, error, false));
  return onSubmit;
}

function form(onSubmit: () => void, error: unknown, pending: boolean) {
  return (
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <EntryForm
          fields={FIELDS}
          currency="USD"
          submitLabel="Record"
          onSubmit={onSubmit}
          onCancel={vi.fn()}
          pending={pending}
          error={error}
        />
      </QueryClientProvider>
    </MantineProvider>
  );
}

it('asks for what is needed before anything is sent', async () => {
  const onSubmit = show();
  await userEvent.click(screen.getByRole('button', { name: 'Record' }));
  expect(await screen.findByText('Amount is needed')).toBeVisible();
  expect(onSubmit).not.toHaveBeenCalled();
});

it('gives what was typed as exact text', async () => {
  const onSubmit = show();
  await userEvent.type(screen.getByRole('textbox', { name: /Amount/ }), '1.25m');
  await userEvent.click(screen.getByRole('checkbox', { name: 'Recallable' }));
  await userEvent.click(screen.getByRole('button', { name: 'Record' }));
  const values = onSubmit.mock.calls[0]![0];
  expect(toBody(FIELDS, values)).toEqual({ amount: '1250000', recallable: true });
});

it('shows what the server refuses at the field it names', async () => {
  const detail = 'The call is above the unfunded total.';
  const errors = [{ path: 'amount', message: 'At most 5.00 is unfunded.' }];
  show(vi.fn(), new ApiError(422, { detail, errors }));
  expect(await screen.findByText('At most 5.00 is unfunded.')).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent(detail);
});

it('stays as it is while it is sent, and gives the field back that was typed in', async () => {
  const { rerender } = render(form(vi.fn(), null, false));
  const note = screen.getByRole('textbox', { name: 'Note' });
  await userEvent.type(note, 'Bank');
  rerender(form(vi.fn(), null, true));
  expect(note).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Record' })).toBeDisabled();
  note.blur(); // as a browser does with what is disabled
  rerender(form(vi.fn(), null, false));
  expect(note).toHaveFocus();
  await userEvent.keyboard(' charges');
  expect(note).toHaveValue('Bank charges');
});
