import { useState } from 'react';
import type { UploadCheck } from '@/api/types';
import { formatInt } from '@/lib/format';
import {
  Actions,
  Button,
  Card,
  CardBody,
  CardHead,
  FileFields,
  FileStyle,
  Note,
  Select,
  type WrittenStyle,
} from '@/ui';
import { FIELDS, mapped } from './fields';
import type { Upload } from './usePaymentFile';

interface Props {
  upload: Upload;
  found: UploadCheck;
}

/** Which column of the file is which field, and how it writes dates and numbers; begins with what was suggested. */
export function Columns({ upload, found }: Props) {
  const sent = upload.sent!;
  const [mapping, setMapping] = useState<Record<string, string>>(found.mapping);
  const [style, setStyle] = useState<WrittenStyle>(sent.style);
  const changed = JSON.stringify([mapping, style]) !== JSON.stringify([found.mapping, sent.style]);
  const missing = FIELDS.filter(({ name, required }) => required && !mapping[name]);
  return (
    <Card>
      <CardHead
        title="Columns"
        sub={`${sent.file.name} · ${formatInt(found.columns.length)} columns. Which is which, and how they are written.`}
      />
      <CardBody>
        <FileFields>
          {FIELDS.map(({ name, label, required }) => (
            <Select
              key={name}
              label={label}
              withAsterisk={required}
              placeholder="Not in the file"
              clearable={!required}
              searchable
              data={found.columns}
              value={mapping[name] || null}
              onChange={(column) => setMapping(mapped(mapping, name, column))}
            />
          ))}
        </FileFields>
        <FileStyle value={style} onChange={(change) => setStyle({ ...style, ...change })} />
        {missing.length > 0 && (
          <Note>Still to be named: {missing.map(({ label }) => label.toLowerCase()).join(', ')}.</Note>
        )}
        {(changed || found.missing.length > 0) && (
          <Actions>
            <Button variant="default" onClick={upload.leave}>
              Choose another file
            </Button>
            <Button
              disabled={missing.length > 0}
              loading={upload.check.isPending}
              onClick={() => upload.look({ ...sent, mapping, style })}
            >
              Check with these settings
            </Button>
          </Actions>
        )}
      </CardBody>
    </Card>
  );
}
