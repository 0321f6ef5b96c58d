import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import { EntitySelect, newName } from './EntitySelect';

// The list is drawn without a layout here, which its scrolling asks for.
Element.prototype.scrollIntoView = vi.fn();

function Harness() {
  const [value, setValue] = useState('');
  const known = [{ value: '1', label: 'Arcwell' }];
  const load = async (text: string) =>
    known.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()));
  return (
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <EntitySelect
          label="Company"
          name="companies"
          value={value}
          onChange={setValue}
          load={load}
          creatable
        />
        <output>{value || 'empty'}</output>
      </QueryClientProvider>
    </MantineProvider>
  );
}

it('offers what was typed as a new record, once, also after it was chosen', async () => {
  render(<Harness />);
  const field = screen.getByRole('combobox', { name: 'Company' });
  await userEvent.type(field, 'Quillstack');
  await userEvent.click(await screen.findByRole('option', { name: 'Quillstack (new)' }));
  expect(screen.getByRole('status')).toHaveTextContent('new:Quillstack');
  expect(newName('new:Quillstack')).toBe('Quillstack');
  expect(newName('12')).toBeNull();
});
