import { useQuery } from '@tanstack/react-query';
import { usePeopleNames } from '@/api/people';
import type { FactRef } from '@/lib/facts';
import { formatInstant } from '@/lib/format';
import { Alert, Button, ChangeList } from '@/ui';
import { type Fact, versionsQuery } from './queries';
import { changesBetween } from './words';

interface Props {
  fact: FactRef;
  /** The version the form was filled from. */
  seen: Fact;
  onReload: () => void;
}

/** Somebody was quicker: what they changed, and the way to begin from there. */
export function Conflicted({ fact, seen, onReload }: Props) {
  const by = usePeopleNames();
  const versions = useQuery(versionsQuery(fact));
  const latest = versions.data?.[versions.data.length - 1];
  const before = versions.data?.find(({ version }) => version === seen.version);
  const changes =
    latest && before ? changesBetween(fact.record, before, latest, String(seen.currency ?? 'USD')) : [];
  return (
    <Alert color="orange" role="alert" title="This entry was changed meanwhile" variant="outline">
      {latest && (
        <p>
          {latest.voided_at ? 'Voided' : 'Changed'} {by(latest.recorded_by)},{' '}
          {formatInstant(latest.recorded_at)}. Nothing of yours was saved.
        </p>
      )}
      {changes.length > 0 && <ChangeList changes={changes} label="What changed meanwhile" />}
      {!latest?.voided_at && (
        <Button variant="default" size="xs" mt={12} onClick={onReload}>
          Load what is recorded now
        </Button>
      )}
    </Alert>
  );
}
