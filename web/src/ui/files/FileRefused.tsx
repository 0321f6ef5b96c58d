import { Button } from '@mantine/core';
import { Card } from '../Card';
import { CardBody } from '../CardBody';
import { CardHead } from '../CardHead';
import { Actions } from '../layout';
import { FormError } from '../states/FormError';

interface Props {
  name: string;
  error: unknown;
  onLeave: () => void;
}

/** The file could not be looked at, or was recorded before. */
export function FileRefused({ name, error, onLeave }: Props) {
  return (
    <Card>
      <CardHead title={name} sub="Nothing was recorded" />
      <CardBody>
        <FormError error={error} />
        <Actions>
          <Button variant="default" onClick={onLeave}>
            Choose another file
          </Button>
        </Actions>
      </CardBody>
    </Card>
  );
}
