import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { companyQuery } from '@/api/companies';
import { ChooseFile, ErrorBlock, Halves, LoadingBlock, May, Stack, useSetSearch } from '@/ui';
import { Connections } from '../connections/Connections';
import { ReportingHead } from '../ReportingHead';
import { FillTemplate } from './FillTemplate';
import { ImportDrawer } from './ImportDrawer';
import { ImportFlow } from './ImportFlow';
import { Labels } from './Labels';
import { PastImports } from './PastImports';
import { useFigureFile } from './useFigureFile';

const ROUTE = '/frame/companies/$companyId/financials/import';

/** A company's figures by file: choose, say what its lines are, see what becomes of every cell, record; and undo. */
export default function ImportFiguresPage() {
  const { companyId } = useParams({ from: ROUTE });
  const { imported } = useSearch({ from: ROUTE });
  const setSearch = useSetSearch();
  const company = useQuery(companyQuery(companyId));
  const upload = useFigureFile(companyId);
  const open = (id: number) => setSearch({ imported: id });
  if (company.isError)
    return <ErrorBlock error={company.error} what="this company" onRetry={() => void company.refetch()} />;
  return (
    <>
      <ReportingHead
        companyId={companyId}
        title="Import figures"
        sub="Statements and key figures from a file, or from another system"
      />
      {company.data === undefined ? (
        <LoadingBlock size="l" label="the company" />
      ) : upload.sent ? (
        <ImportFlow upload={upload} own={company.data.currency} onOpen={open} />
      ) : (
        <Halves>
          <div>
            <Stack>
              <May operation="metric.change">
                <ChooseFile
                  title="Choose a file"
                  sub="XLSX or CSV"
                  accept=".xlsx,.csv"
                  each="cell"
                  form="Periods across with metrics down, as statements are written; or one figure a row with its metric, period and value. Several sheets are read together."
                  onFile={upload.choose}
                />
              </May>
              <FillTemplate companyId={companyId} />
            </Stack>
          </div>
          <div>
            <Stack>
              <Connections companyId={companyId} onOpen={open} />
              <PastImports companyId={companyId} onOpen={open} />
              <Labels companyId={companyId} />
            </Stack>
          </div>
        </Halves>
      )}
      {imported !== undefined && (
        <ImportDrawer
          companyId={companyId}
          id={imported}
          onClose={() => setSearch({ imported: undefined })}
        />
      )}
    </>
  );
}
