import { useInfiniteQuery } from '@tanstack/react-query';
import { Loaded, RecordedFiles } from '@/ui';
import { uploadsList } from './queries';

interface Props {
  companyId: string;
  onOpen: (id: number) => void;
}

/** A company's files of payments. */
export function Uploads({ companyId, onOpen }: Props) {
  const list = useInfiniteQuery(uploadsList(companyId));
  return (
    <Loaded query={list} what="the uploads" size="m">
      {({ pages }) => (
        <RecordedFiles
          pages={pages}
          title="Uploads"
          fileName="uploads"
          rows="Payments"
          empty={{ title: 'No uploads yet', hint: 'Choose a file of payments above.' }}
          onOpen={onOpen}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loading={list.isFetchingNextPage}
        />
      )}
    </Loaded>
  );
}
