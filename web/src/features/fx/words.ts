export const KINDS: Record<string, string> = {
  reference: 'Published',
  manual: 'Manual',
  contractual: 'Contractual',
};
