import { expect, it } from 'vitest';
import { FIRST_AIMS, outlookBody, solveBody, termsBody } from './aims';

const aims = { ...FIRST_AIMS, spend: '1000' };

it('assumes one thing at a time, and the best model when nothing is said', () => {
  expect(outlookBody(aims, { as_of: '2026-03-31' })).toEqual({
    spend: '1000',
    horizon: 36,
    as_of: '2026-03-31',
  });
  expect(outlookBody({ ...aims, by: 'churn' }, {})).toMatchObject({ churn: '0.1' });
  expect(outlookBody({ ...aims, by: 'scenario:Board, spring' }, {})).toMatchObject({
    scenario: 'Board, spring',
  });
});

it('sends the aims to be solved for, and the terms to be tried', () => {
  expect(solveBody(aims, {})).toMatchObject({ target_irr: '0.2', largest_chance_of_loss: '0.05' });
  expect(termsBody({ ...aims, sharing_percentage: '0.5' }, {})).toEqual({
    spend: '1000',
    horizon: 36,
    sharing_percentage: '0.5',
  });
});
