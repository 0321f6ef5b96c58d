import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Progress } from './jobs';

interface Way<Asked extends { file: File }, Check, Made> {
  companyId: string;
  /** How a file is read before anybody says otherwise. */
  plain: Omit<Asked, 'file'>;
  /** What would become of it; nothing is recorded. */
  check: (asked: Asked) => Promise<Check>;
  record: (asked: Asked, found: Check, onProgress: (progress: Progress) => void) => Promise<Made>;
  /** What is no longer so once it is recorded. */
  stale: readonly QueryKey[];
}

/** A file on its way into the books: chosen, read as one says, checked, recorded. */
export function useFileWay<Asked extends { file: File }, Check, Made>(way: Way<Asked, Check, Made>) {
  const cache = useQueryClient();
  const [sent, setSent] = useState<Asked | null>(null);
  const [progress, setProgress] = useState<Progress>(null);
  const [receipt, setReceipt] = useState<Made | null>(null);
  const check = useMutation({ mutationFn: way.check });
  const record = useMutation({
    mutationFn: (asked: Asked) => way.record(asked, check.data!, setProgress),
    onSettled: () => setProgress(null),
    onSuccess: async (made) => {
      setReceipt(made);
      await Promise.all(way.stale.map((queryKey) => cache.invalidateQueries({ queryKey })));
    },
  });
  const look = (asked: Asked) => {
    setSent(asked);
    record.reset();
    check.mutate(asked);
  };
  return {
    companyId: way.companyId,
    sent,
    check,
    record,
    progress,
    receipt,
    choose: (file: File) => look({ ...way.plain, file } as Asked),
    look,
    leave: () => {
      setSent(null);
      setReceipt(null);
      check.reset();
      record.reset();
    },
  };
}
