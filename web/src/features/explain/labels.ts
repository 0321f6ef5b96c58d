/** What a figure is called, by its path in a performance answer. */
export const LABELS: Record<string, string> = {
  'net.committed': 'Committed',
  'net.paid_in': 'Paid in',
  'net.distributed': 'Distributed',
  'net.nav': 'Net asset value',
  'net.unfunded': 'Unfunded commitment',
  'net.pic': 'Paid-in to committed (PIC)',
  'net.dpi': 'Distributed to paid-in (DPI)',
  'net.rvpi': 'Residual value to paid-in (RVPI)',
  'net.tvpi': 'Total value to paid-in (TVPI)',
  'net.irr': 'Net IRR',
  'gross.invested': 'Invested',
  'gross.realised': 'Realised',
  'gross.fair_value': 'Fair value',
  'gross.moic': 'Gross multiple (MOIC)',
  'gross.irr': 'Gross IRR',
};
