import { useQuery } from '@tanstack/react-query';
import { FileDrawer, WayBack } from '@/ui';
import { cohortKey } from '../queries';
import { undoUpload, uploadQuery } from './queries';
import { Receipt } from './Receipt';

interface Props {
  companyId: string;
  id: number;
  onClose: () => void;
}

/** What one upload brought, and the way back. */
export function UploadDrawer({ companyId, id, onClose }: Props) {
  return (
    <FileDrawer query={useQuery(uploadQuery(companyId, id))} what="upload" onClose={onClose}>
      {(upload) => (
        <>
          <Receipt upload={upload} />
          <WayBack
            file={upload}
            what="upload"
            operation="cohort_data.change"
            effect="Every payment of this file leaves every figure from now on, and customers return to the cohorts they were in. Figures as known before today keep them."
            undone="This upload was undone: its payments count no longer. What was known before stays known."
            undo={(reason) => undoUpload(companyId, id, reason)}
            stale={[cohortKey(companyId)]}
          />
        </>
      )}
    </FileDrawer>
  );
}
