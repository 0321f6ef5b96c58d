import { useFileWay } from '@/api/file-way';
import { cohortKey } from '../queries';
import { checkPayments, type PaymentFile, recordPayments } from './queries';

/** A file of payments on its way into the books. */
export const usePaymentFile = (companyId: string) =>
  useFileWay({
    companyId,
    plain: { mapping: {}, style: {} },
    check: (asked: PaymentFile) => checkPayments(companyId, asked),
    record: (asked, _, onProgress) => recordPayments(companyId, asked, onProgress),
    stale: [cohortKey(companyId)],
  });

export type Upload = ReturnType<typeof usePaymentFile>;
