import { Card, CardBody, CardHead, SegmentedControl, useTheme } from '@/ui';

const SCHEMES = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function Theme() {
  const [scheme, setScheme] = useTheme();
  return (
    <Card>
      <CardHead title="Theme" sub="On this device" />
      <CardBody>
        <SegmentedControl
          aria-label="Theme"
          fullWidth
          data={SCHEMES}
          value={scheme}
          onChange={(value) => setScheme(value as typeof scheme)}
        />
      </CardBody>
    </Card>
  );
}
