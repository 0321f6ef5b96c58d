import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { companyQuery } from '@/api/companies';
import { ChooseFile, ErrorBlock, Halves, LoadingBlock, May, Stack, useCut, useSetSearch } from '@/ui';
import type { Cut } from '@/api/performance';
import type { TablesOfPage } from '../CohortFiles';
import { CohortHead } from '../CohortHead';
import { cashflowsQuery } from '../queries';
import { spendsQuery } from '../spend/queries';
import { SpendCard } from '../spend/SpendCard';
import { PaymentList } from './PaymentList';
import { uploadsList } from './queries';
import { UploadDrawer } from './UploadDrawer';
import { UploadFlow } from './UploadFlow';
import { Uploads } from './Uploads';
import { usePaymentFile } from './usePaymentFile';

/** What a company delivers: its customers' payments, by file, and what it spent to win them. */
export default function PaymentsPage() {
  const { companyId } = useParams({ from: '/frame/companies/$companyId/cohorts/payments' });
  const search = useSearch({ from: '/frame/companies/$companyId/cohorts/payments' });
  const setSearch = useSetSearch();
  const cut = useCut();
  const company = useQuery(companyQuery(companyId));
  const upload = usePaymentFile(companyId);
  const files = useRowCounts(companyId, cut);
  if (company.isError)
    return <ErrorBlock error={company.error} what="this company" onRetry={() => void company.refetch()} />;
  const currency = company.data?.currency;
  return (
    <>
      <CohortHead
        companyId={companyId}
        title="Payments & spend"
        sub="What customers paid, and what was spent to win them"
        files={files}
      />
      {currency === undefined ? (
        <LoadingBlock size="l" label="the payments" />
      ) : (
        <Stack>
          {upload.sent && <UploadFlow upload={upload} currency={currency} />}
          <Halves>
            <div>
              <Stack>
                <May operation="cohort_data.change">
                  {!upload.sent && (
                    <ChooseFile
                      title="Upload payments"
                      sub="CSV (also gzipped), Parquet or XLSX"
                      accept=".csv,.gz,.parquet,.xlsx"
                      each="row"
                      form="One row a payment: customer, day and amount, a refund below zero; a reference where payments have one. The cohort is the month of a customer’s first payment and needs no column."
                      onFile={upload.choose}
                    />
                  )}
                </May>
                <Uploads companyId={companyId} onOpen={(id) => setSearch({ upload: id })} />
              </Stack>
            </div>
            <div>
              <SpendCard companyId={companyId} currency={currency} cut={cut} />
            </div>
          </Halves>
          <PaymentList companyId={companyId} currency={currency} search={search} cut={cut} />
        </Stack>
      )}
      {search.upload !== undefined && (
        <UploadDrawer
          companyId={companyId}
          id={search.upload}
          onClose={() => setSearch({ upload: undefined })}
        />
      )}
    </>
  );
}

/** As the page's parts have read them. A past day hides payments from the cohorts that the file of payments has. */
function useRowCounts(companyId: string, cut: Cut): TablesOfPage {
  const cohorts = useQuery(cashflowsQuery(companyId, cut)).data?.cohorts;
  const customers = cut.as_of ? undefined : cohorts?.reduce((sum, one) => sum + one.customers, 0);
  return {
    payments: customers,
    customers,
    spends: useQuery(spendsQuery(companyId)).data?.length,
    'payment-uploads': useInfiniteQuery(uploadsList(companyId)).data?.pages[0]?.items.length,
  };
}
