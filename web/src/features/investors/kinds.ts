import { humanise } from '@/lib/format';

const KINDS: Record<string, string> = {
  lp: 'Limited partner',
  gp: 'General partner',
  client: 'Client',
  all_investors: 'All investors together',
};

export const kindText = (kind: string): string => KINDS[kind] ?? humanise(kind);
