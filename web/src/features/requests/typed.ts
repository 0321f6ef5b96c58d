import type { DraftValue, Form, FormBody, FormField } from './queries';

/** What stands in a form's fields: metric → text and note, question → answer. */
export interface Typed {
  values: Record<string, { value: string; note: string }>;
  answers: Record<string, string>;
}

export const typedOf = (form: Form): Typed => ({
  values: Object.fromEntries(
    form.metrics
      .filter(({ locked }) => !locked)
      .map(({ metric, value, note }) => [metric, { value: value ?? '', note: note ?? '' }]),
  ),
  answers: Object.fromEntries(form.questions.map(({ question, answer }) => [question, answer ?? ''])),
});

export const bodyOf = (token: string, typed: Typed): FormBody => ({
  token,
  values: Object.entries(typed.values).map(([metric, { value, note }]) => ({
    metric,
    value: value.trim() || null,
    note: note.trim() || null,
  })),
  answers: Object.entries(typed.answers)
    .filter(([, answer]) => answer.trim())
    .map(([question, answer]) => ({ question, answer })),
});

/** What the server last said of each field. */
export type Judged = Record<string, DraftValue>;

export const judged = (values: DraftValue[]): Judged =>
  Object.fromEntries(values.map((one) => [one.metric, one]));

/** The fields that keep the form from being sent, in its order. */
export const blocking = (form: Form, typed: Typed, said: Judged): FormField[] =>
  form.metrics.filter(({ metric, locked }) => {
    const one = said[metric];
    if (locked || !one) return false;
    return one.problem !== null || (one.asks !== null && !typed.values[metric]?.note.trim());
  });
