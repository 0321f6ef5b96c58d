import { formatDate, formatInstant, humanise } from './format';

/** A field's earlier and later value in words; null where there was nothing. */
export interface FieldChange {
  label: string;
  before: string | null;
  after: string | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** The fields whose values are words of ours: "cap_reached" is told as "Cap reached", a name as it was given. */
const CODED = new Set(
  `books carry_scheme comparison fee_basis kind method metric metrics period_kind proof purpose role scenario
   scope_kind severity side source stage state status step strategy subject timing unit`.split(/\s+/),
);
const CODE = /^[a-z]+(_[a-z0-9]+)*$/;

/** A stored value as people read it, by the field it is in; amounts keep every digit. */
export function valueWords(value: unknown, field = ''): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return partsOf(value, field);
  const text = String(value);
  if (DAY.test(text)) return formatDate(text);
  if (INSTANT.test(text)) return formatInstant(text);
  return CODED.has(field) && CODE.test(text) ? humanise(text) : text;
}

/** What lies in one field together: "Due on: 11 Nov 2026, from: …", and a list's items one after the other. */
function partsOf(value: object, field: string): string | null {
  const parts = Array.isArray(value)
    ? value.map((one) => valueWords(one, field) ?? '–')
    : Object.entries(value).flatMap(([name, one]) => {
        const words = valueWords(one, name);
        return words === null ? [] : [`${humanise(name)}: ${words}`];
      });
  const nested = Object.values(value).some((one) => typeof one === 'object' && one !== null);
  return parts.join(nested ? '; ' : ', ') || null;
}

/** What the books keep of a row for themselves; when and by whom is told by the trail. */
const KEPT = new Set(
  'id firm_id version created_at updated_at recorded_at recorded_by granted_at granted_by name_key'.split(
    ' ',
  ),
);

interface Sides {
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** Every column that differs, in words. Both sides are missing to who may not see what it was. */
export function changesOf({ before, after }: Sides): FieldChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => !KEPT.has(name),
  );
  return names.flatMap((name) => {
    const change = {
      label: humanise(name),
      before: valueWords(before?.[name], name),
      after: valueWords(after?.[name], name),
    };
    return change.before === change.after ? [] : [change];
  });
}
