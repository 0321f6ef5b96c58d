import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMay } from '@/api/abilities';
import { Card, CardBody, CardHead, ConfirmButton, FormError, RowList } from '@/ui';
import { definitionsQuery } from '../queries';
import { keepLabels, type Remembered, rememberedLabels } from './queries';
import { SCALES } from './words';

/** What the labels of this company's files stood for; the next file is read by it. */
export function Labels({ companyId }: { companyId: string }) {
  const cache = useQueryClient();
  const mayChange = useMay('metric.change');
  const labels = useQuery(rememberedLabels(companyId));
  const definitions = useQuery(definitionsQuery).data ?? [];
  const forget = useMutation({
    mutationFn: (gone: Remembered) =>
      keepLabels(
        companyId,
        (labels.data ?? []).filter((one) => one !== gone),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: rememberedLabels(companyId).queryKey }),
  });
  if (!labels.data || labels.data.length === 0) return null;
  const said = ({ metric, scale, sign }: Remembered) =>
    [
      metric === null ? 'left out' : (definitions.find(({ key }) => key === metric)?.label ?? metric),
      scale !== 1 && SCALES.find(({ value }) => value === String(scale))?.label.toLowerCase(),
      sign < 0 && 'turned round',
    ]
      .filter(Boolean)
      .join(', ');
  return (
    <Card>
      <CardHead title="Remembered labels" sub="By which the next file is read" />
      <CardBody>
        <FormError error={forget.error} />
        <RowList
          label="Remembered labels"
          rows={labels.data.map((one) => ({
            key: one.label,
            text: one.label,
            note: said(one),
            right: mayChange && (
              <ConfirmButton
                size="xs"
                effect={`The next file is not told what “${one.label}” is. What was recorded stays.`}
                onConfirm={() => forget.mutate(one)}
              >
                Forget
              </ConfirmButton>
            ),
          }))}
        />
      </CardBody>
    </Card>
  );
}
