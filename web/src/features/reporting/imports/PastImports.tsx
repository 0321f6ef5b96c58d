import { useInfiniteQuery } from '@tanstack/react-query';
import { Loaded, RecordedFiles } from '@/ui';
import { figureImports } from './queries';

interface Props {
  companyId: string;
  onOpen: (id: number) => void;
}

/** A company's files of figures. */
export function PastImports({ companyId, onOpen }: Props) {
  const list = useInfiniteQuery(figureImports(companyId));
  return (
    <Loaded query={list} what="the imports" size="m">
      {({ pages }) => (
        <RecordedFiles
          pages={pages}
          title="Recorded files"
          fileName="figure-imports"
          rows="Figures"
          empty={{ title: 'No file yet', hint: 'What is recorded from a file is listed here.' }}
          onOpen={onOpen}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loading={list.isFetchingNextPage}
        />
      )}
    </Loaded>
  );
}
