import { useFileWay } from '@/api/file-way';
import { checkFigures, type FileCheck, type FigureFile, recordFigures, staleBy } from './queries';

/** A file of figures on its way into the books. */
export const useFigureFile = (companyId: string) =>
  useFileWay({
    companyId,
    plain: { told: {}, readAs: {} },
    check: (asked: FigureFile) => checkFigures(companyId, asked),
    record: (asked, found: FileCheck) => recordFigures(companyId, asked, found.same_as !== null),
    stale: staleBy(companyId),
  });

export type FigureUpload = ReturnType<typeof useFigureFile>;
