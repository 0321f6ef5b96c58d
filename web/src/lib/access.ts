/** Roles and grants in plain words. The server decides; a test holds these lists to its policy. */

export const ROLES: Record<string, string> = {
  administrator: 'Everything in the firm, its people and its tokens included',
  manager: 'Records and corrects everything in the books; people and tokens are not theirs',
  accountant: 'Records calls, distributions, fund expenses and reported NAVs; reads the rest',
  analyst: 'Reads the books; changes nothing',
  auditor: 'Reads the books and what was recorded when; changes nothing',
  advisor: 'Sees what is granted or published to those they speak for',
  client: 'Sees their own accounts and what is published to them',
  investor: 'Sees their own commitments, cash and figures, and what is published of their funds',
  company_contact: 'Sees their own company and what it owes; delivers its payments and spend',
};

const GROUPS: Record<string, 'staff' | 'partakers' | 'company_contact'> = {
  administrator: 'staff',
  manager: 'staff',
  accountant: 'staff',
  analyst: 'staff',
  auditor: 'staff',
  advisor: 'partakers',
  client: 'partakers',
  investor: 'partakers',
  company_contact: 'company_contact',
};

export type ScopeKind = 'firm' | 'fund' | 'vehicle' | 'company' | 'investor';

/** What a grant of a kind opens, after the name of what is granted. */
const OPENS: Record<string, string> = {
  'firm/staff': 'The whole firm',
  'fund/staff': 'and the books of all its vehicles',
  'vehicle/staff': 'and its books',
  'company/staff': 'its rounds, securities and marks',
  'investor/staff': 'and its lines in every fund',
  'fund/partakers': 'and what is published of it',
  'vehicle/partakers': 'and what is published of it',
  'company/partakers': 'its rounds and securities',
  'investor/partakers': 'its own lines and figures, and what is published of its funds',
  'company/company_contact': 'its rounds, securities and what it owes',
};

/** The kinds of grant that open anything to a role. */
export function kindsFor(role: string): ScopeKind[] {
  const kinds: ScopeKind[] = ['firm', 'fund', 'vehicle', 'company', 'investor'];
  return kinds.filter((kind) => `${kind}/${GROUPS[role]}` in OPENS);
}

export interface Granted {
  scope_kind: string;
  scope_id: number | null;
}

/** "Alder Growth I and the books of all its vehicles". */
export function grantWords(role: string, kind: string, name: string): string {
  const opens = OPENS[`${kind}/${GROUPS[role]}`];
  if (!opens) return `${name}, which opens nothing to this role`;
  if (kind === 'firm') return opens;
  return opens.startsWith('and ') ? `${name} ${opens}` : `${name}, ${opens}`;
}

/** What somebody sees in one line; administrators see the whole firm by their role. */
export function seesWords(role: string, grants: Granted[], nameOf: (grant: Granted) => string): string {
  if (role === 'administrator' || grants.some(({ scope_kind: kind }) => kind === 'firm'))
    return 'The whole firm';
  if (grants.length === 0) return 'Nothing yet';
  return grants.map(nameOf).join(', ');
}
