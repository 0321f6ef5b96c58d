import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '@/api/abilities';
import { usePeopleNames } from '@/api/people';
import { type FactRecord, type FactRef, parseFactKey, trailOf } from '@/lib/facts';
import { formatDate } from '@/lib/format';
import {
  Actions,
  Button,
  DetailList,
  FormDrawer,
  IconBan,
  IconPencil,
  Loaded,
  May,
  Section,
  Stack,
  StatusPill,
  VersionList,
} from '@/ui';
import { aboutQuery } from './about';
import { CorrectFact } from './CorrectFact';
import { type Version, versionsQuery } from './queries';
import { VoidFact } from './VoidFact';
import { factDetails, factName, tellVersions } from './words';

const CHANGE: Record<FactRecord, string> = {
  commitments: 'capital.change',
  'capital-calls': 'capital.change',
  distributions: 'capital.change',
  'vehicle-entries': 'capital.change',
  transactions: 'investment.change',
  marks: 'valuation.change',
  'reported-navs': 'reported_nav.change',
};

type Mode = 'read' | 'correct' | 'void';

interface Props {
  /** `marks:12`, from the address. */
  fact: string;
  onClose: () => void;
}

/** One recorded fact: what it says, its history, its correction and its voiding. */
export default function FactDrawer({ fact, onClose }: Props) {
  const ref = parseFactKey(fact);
  if (!ref) return null;
  return <Drawer key={fact} fact={ref} onClose={onClose} />;
}

function Drawer({ fact, onClose }: { fact: FactRef; onClose: () => void }) {
  const [mode, setMode] = useState<Mode>('read');
  const versions = useQuery(versionsQuery(fact));
  const now = versions.data?.[versions.data.length - 1];
  const name = factName(fact.record, now);
  const titles = {
    read: name,
    correct: `Correct: ${name.toLowerCase()}`,
    void: `Void: ${name.toLowerCase()}`,
  };
  const read = () => setMode('read');
  return (
    <FormDrawer opened onClose={onClose} title={titles[mode]} sub={now && dayOf(now)} wide={mode === 'read'}>
      {mode === 'correct' ? (
        <CorrectFact fact={fact} onDone={read} />
      ) : mode === 'void' ? (
        <VoidFact fact={fact} name={name} onDone={read} />
      ) : (
        <Loaded query={versions} what="the entry" size="m">
          {(found) => <Read fact={fact} versions={found} onMode={setMode} />}
        </Loaded>
      )}
    </FormDrawer>
  );
}

interface ReadProps {
  fact: FactRef;
  versions: Version[];
  onMode: (mode: Mode) => void;
}

function Read({ fact, versions, onMode }: ReadProps) {
  const by = usePeopleNames();
  const now = versions[versions.length - 1]!;
  const mayChange = useMay(CHANGE[fact.record]) && !now.voided_at;
  const about = useQuery(aboutQuery(now));
  const currency = about.data?.currency;
  return (
    <Stack>
      {now.voided_at && (
        <StatusPill tone="neg">{`Voided: ${now.void_reason ?? 'no reason given'}`}</StatusPill>
      )}
      <DetailList items={[...(about.data?.details ?? []), ...factDetails(fact.record, now, currency)]} />
      {mayChange && (
        <Actions>
          <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => onMode('void')}>
            Void
          </Button>
          {now.kind !== 'opening' && (
            <Button leftSection={<IconPencil size={16} />} onClick={() => onMode('correct')}>
              Correct
            </Button>
          )}
        </Actions>
      )}
      <Section title="History">
        <VersionList items={tellVersions(fact.record, versions, currency, by)} label="History" />
        <May operation="audit.read">
          <Link to="/audit" search={{ record: trailOf(fact) }}>
            Its trail
          </Link>
        </May>
      </Section>
    </Stack>
  );
}

const DAYS = [
  'committed_on',
  'called_on',
  'declared_on',
  'entered_on',
  'transacted_on',
  'measured_on',
  'reported_on',
];

const dayOf = (fact: Record<string, unknown>): string => {
  const name = DAYS.find((day) => day in fact);
  return name ? formatDate(String(fact[name])) : '';
};
