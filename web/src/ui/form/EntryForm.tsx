import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { ApiError, AwaitsApproval } from '@/api/client';
import { Actions } from '../layout';
import { FormError } from '../states/FormError';
import { EntryField } from './EntryField';
import { type FieldSpec, type FormValues, initialValues } from './fields';
import { Held } from './Held';

interface Props {
  fields: FieldSpec[];
  currency: string;
  submitLabel: string;
  onSubmit: (values: FormValues) => void;
  onCancel: () => void;
  pending: boolean;
  error: unknown;
}

/** A form described by its fields; what the API refuses shows at the field it names. */
export function EntryForm({ fields, currency, submitLabel, onSubmit, onCancel, pending, error }: Props) {
  const { control, handleSubmit, setError } = useForm<FormValues>({ defaultValues: initialValues(fields) });
  useEffect(() => {
    if (!(error instanceof ApiError)) return;
    for (const { path, message } of error.fields) {
      if (fields.some((field) => field.name === path)) setError(path, { message });
    }
  }, [error, fields, setError]);
  const waits = error instanceof AwaitsApproval;
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(onSubmit)(event)}>
      <Held pending={pending} stacked>
        {fields.map((spec) => (
          <Controller
            key={spec.name}
            control={control}
            name={spec.name}
            rules={{ required: spec.required ? `${spec.label} is needed` : false }}
            render={({ field, fieldState }) => (
              <EntryField
                spec={spec}
                currency={currency}
                value={field.value ?? ''}
                onChange={field.onChange}
                error={fieldState.error?.message}
              />
            )}
          />
        ))}
        <FormError error={error} />
        <Actions>
          <Button variant="default" onClick={onCancel}>
            {waits ? 'Close' : 'Cancel'}
          </Button>
          {!waits && (
            <Button type="submit" loading={pending}>
              {submitLabel}
            </Button>
          )}
        </Actions>
      </Held>
    </form>
  );
}
