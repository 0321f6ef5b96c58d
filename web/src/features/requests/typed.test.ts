import { expect, it } from 'vitest';
import type { Form } from './queries';
import { blocking, bodyOf, judged, typedOf } from './typed';

const field = (metric: string, more: object = {}) => ({
  metric,
  locked: false,
  value: null,
  note: null,
  ...more,
});
const form = {
  metrics: [field('revenue', { value: '5' }), field('employees'), field('customers', { locked: true })],
  questions: [{ question: 'Why?', answer: null }],
} as unknown as Form;

it('sends what was typed, nothing for what is empty, and leaves out what was approved', () => {
  const typed = typedOf(form);
  expect(bodyOf('vf_x', typed)).toEqual({
    token: 'vf_x',
    values: [
      { metric: 'revenue', value: '5', note: null },
      { metric: 'employees', value: null, note: null },
    ],
    answers: [],
  });
});

it('is held up by what cannot be read, and by what is asked back until a note says why', () => {
  const typed = typedOf(form);
  const said = judged([
    { metric: 'revenue', figure: '5', change: '-0.5', asks: 'Why is it lower?', problem: null },
    { metric: 'employees', figure: null, change: null, asks: null, problem: 'not a number' },
  ]);
  expect(blocking(form, typed, said).map(({ metric }) => metric)).toEqual(['revenue', 'employees']);
  typed.values.revenue!.note = 'A customer left';
  expect(blocking(form, typed, said).map(({ metric }) => metric)).toEqual(['employees']);
});
