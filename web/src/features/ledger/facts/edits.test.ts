import { describe, expect, it } from 'vitest';
import { initialValues } from '@/ui/form/fields';
import { correctable, correctionBody, correctionFields, paidOnSeveralDays, splitsAgain } from './edits';

const line = (investor_id: number, paid_on: string | null) => ({
  investor_id,
  investments: '50.00',
  fees: '5.00',
  expenses: '0.00',
  outside_commitment: investor_id === 2,
  paid_on,
});
const call = {
  id: 1,
  version: 2,
  kind: 'call',
  called_on: '2020-02-01',
  due_on: '2020-02-15',
  purpose: null,
  investments: '100.00',
  fees: '10.00',
  expenses: '0.00',
  lines: [line(1, '2020-02-15'), line(2, '2020-02-15')],
};
const values = (record: 'capital-calls' | 'transactions' | 'commitments', fact: typeof call | object) =>
  initialValues(correctionFields(record, fact as typeof call));

describe('a call', () => {
  it('shows its sums and the one day it was paid', () => {
    expect(values('capital-calls', call)).toEqual({
      kind: 'call',
      called_on: '2020-02-01',
      due_on: '2020-02-15',
      paid_on: '2020-02-15',
      investments: '100.00',
      fees: '10.00',
      expenses: '',
      purpose: '',
    });
  });

  it('keeps every line where no amount was changed', () => {
    const typed = { ...values('capital-calls', call), purpose: 'First closing' };
    expect(splitsAgain('capital-calls', call, typed)).toBe(false);
    expect(correctionBody('capital-calls', call, typed)).toEqual({
      kind: 'call',
      called_on: '2020-02-01',
      due_on: '2020-02-15',
      purpose: 'First closing',
      lines: call.lines,
    });
  });

  it('sends the amounts to be split again where one was changed', () => {
    const typed = { ...values('capital-calls', call), investments: '80' };
    const body = correctionBody('capital-calls', call, typed);
    expect(body).toMatchObject({ investments: '80', fees: '10.00', paid_on: '2020-02-15' });
    expect(body).not.toHaveProperty('lines');
  });

  it('keeps the days of lines that were paid apart, unless another day is given', () => {
    const apart = { ...call, lines: [line(1, '2020-02-15'), line(2, null)] };
    expect(paidOnSeveralDays(apart)).toBe(true);
    const same = correctionBody('capital-calls', apart, values('capital-calls', apart));
    expect(same).toMatchObject({ lines: [{ paid_on: '2020-02-15' }, { paid_on: null }] });
    const typed = { ...values('capital-calls', apart), paid_on: '2020-03-01' };
    expect(correctionBody('capital-calls', apart, typed)).toMatchObject({
      lines: [{ paid_on: '2020-03-01' }, { paid_on: '2020-03-01' }],
    });
  });

  it('is not corrected where it came with a file as an opening balance', () => {
    expect([correctable(call), correctable({ ...call, kind: 'opening' })]).toEqual([true, false]);
  });
});

it('a conversion keeps its kind and what it converts into', () => {
  const conversion = {
    id: 4,
    version: 1,
    kind: 'conversion',
    transacted_on: '2021-01-01',
    amount: '0.00',
    quantity: '100.000000',
    into_holding_id: 9,
  };
  const body = correctionBody('transactions', conversion, values('transactions', conversion));
  expect(body).toMatchObject({
    kind: 'conversion',
    into_holding_id: 9,
    amount: '0.00',
    quantity: '100.000000',
  });
});

it('a commitment is corrected without asking whose it is', () => {
  const commitment = { id: 1, version: 1, investor_id: 3, committed_on: '2020-01-15', amount: '6000000.00' };
  expect(values('commitments', commitment)).toEqual({ committed_on: '2020-01-15', amount: '6000000.00' });
});
