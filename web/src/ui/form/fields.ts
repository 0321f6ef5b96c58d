import type { EntityOption } from '../fields/EntitySelect';

interface Base {
  /** The field's name in the body, as the API's errors name it. */
  name: string;
  label: string;
  required?: boolean;
  description?: string;
  initial?: string;
}

export type FieldSpec =
  | (Base & { kind: 'date' | 'money' | 'percent' | 'number' | 'text' | 'prose' | 'flag' })
  | (Base & { kind: 'choice'; options: { value: string; label: string }[] })
  | (Base & {
      kind: 'entity';
      entity: string;
      load: (text: string) => Promise<EntityOption[]>;
      creatable?: boolean;
    });

/** What a form holds: text, empty where nothing was given; flags are "true" or empty. */
export type FormValues = Record<string, string>;

export function initialValues(fields: FieldSpec[]): FormValues {
  return Object.fromEntries(fields.map((field) => [field.name, field.initial ?? '']));
}

/** The body: empty fields are left out, flags become booleans. */
export function toBody(fields: FieldSpec[], values: FormValues): Record<string, string | boolean> {
  const given = fields.flatMap((field): [string, string | boolean][] => {
    const value = values[field.name]?.trim() ?? '';
    if (field.kind === 'flag') return [[field.name, value === 'true']];
    return value === '' ? [] : [[field.name, value]];
  });
  return Object.fromEntries(given);
}
