import { Card } from '../Card';
import { CardBody } from '../CardBody';
import { CardHead } from '../CardHead';
import { FileDrop } from '../FileDrop';
import { Note } from '../layout';

interface Props {
  title: string;
  sub: string;
  accept: string;
  /** What is looked at one by one before anything is recorded. */
  each: string;
  /** How such a file is written. */
  form: string;
  onFile: (file: File) => void;
}

/** Where a file's way into the books begins. */
export function ChooseFile({ title, sub, accept, each, form, onFile }: Props) {
  return (
    <Card>
      <CardHead title={title} sub={sub} />
      <CardBody>
        <FileDrop
          accept={accept}
          hint={`Nothing is recorded until you have seen what would become of every ${each}.`}
          onFile={onFile}
        />
        <Note>{form}</Note>
      </CardBody>
    </Card>
  );
}
