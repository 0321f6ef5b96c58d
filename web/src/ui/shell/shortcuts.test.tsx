import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { useRowSteps } from '../useRowSteps';
import { useShortcuts } from './shortcuts';

function Page({ open, go, approve }: { open?: number; go: (id: number) => void; approve: () => void }) {
  useRowSteps('row', [4, 5, 6], open, go);
  useShortcuts([{ keys: 'a', label: 'Approve', run: approve }]);
  return null;
}

it('two quick keys are two steps, though the page still shows where they began', async () => {
  const go = vi.fn();
  const { rerender } = render(<Page go={go} approve={vi.fn()} />);
  await userEvent.keyboard('jj');
  expect(go.mock.calls).toEqual([[4], [5]]);
  const approve = vi.fn();
  rerender(<Page open={5} go={go} approve={approve} />);
  await userEvent.keyboard('gak');
  expect(go).toHaveBeenLastCalledWith(4);
  expect(approve).not.toHaveBeenCalled(); // "g a" leads elsewhere
});

it('a key held down goes on from row to row and decides only once', async () => {
  const [go, approve] = [vi.fn(), vi.fn()];
  render(<Page go={go} approve={approve} />);
  await userEvent.keyboard('{a>3/}{j>3/}');
  expect(approve).toHaveBeenCalledOnce();
  expect(go.mock.calls).toEqual([[4], [5], [6]]);
});
