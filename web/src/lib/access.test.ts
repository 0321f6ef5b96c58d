import { expect, it } from 'vitest';
import { grantWords, kindsFor, ROLES, seesWords } from './access';

it('says what a grant opens to whom', () => {
  expect(grantWords('analyst', 'fund', 'Alder I')).toBe('Alder I and the books of all its vehicles');
  expect(grantWords('investor', 'fund', 'Alder I')).toBe('Alder I and what is published of it');
  expect(grantWords('company_contact', 'company', 'Arcwell')).toBe(
    'Arcwell, its rounds, securities and what it owes',
  );
  expect(grantWords('company_contact', 'fund', 'Alder I')).toContain('opens nothing');
  expect(grantWords('manager', 'firm', 'the firm')).toBe('The whole firm');
});

it('offers a role only grants that open something to it', () => {
  expect(kindsFor('company_contact')).toEqual(['company']);
  expect(kindsFor('investor')).toEqual(['fund', 'vehicle', 'company', 'investor']);
  for (const role of Object.keys(ROLES)) expect(kindsFor(role).length).toBeGreaterThan(0);
});

it('says in one line what somebody sees', () => {
  const name = ({ scope_id: id }: { scope_id: number | null }) => `Fund ${id}`;
  const grants = [1, 2].map((id) => ({ scope_kind: 'fund', scope_id: id }));
  expect(seesWords('analyst', grants, name)).toBe('Fund 1, Fund 2');
  expect(seesWords('analyst', [], name)).toBe('Nothing yet');
  expect(seesWords('analyst', [{ scope_kind: 'firm', scope_id: null }], name)).toBe('The whole firm');
  expect(seesWords('administrator', [], name)).toBe('The whole firm');
});
