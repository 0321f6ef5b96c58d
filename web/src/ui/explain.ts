import { createContext, useContext } from 'react';

export type Subject = 'funds' | 'vehicles' | 'companies' | 'investments' | 'investors';

/** Which figure of which record: `funds`, its id, and a path such as `net.tvpi`. */
export interface FigureRef {
  subject: Subject;
  id: string | number;
  field: string;
}

/** What opens a figure into the flows behind it. Without a provider, figures are plain text. */
export const ExplainContext = createContext<((ref: FigureRef) => void) | null>(null);

export const useExplain = () => useContext(ExplainContext);

/** `funds:12:net.tvpi`, as it stands in the address bar. */
export const figureKey = ({ subject, id, field }: FigureRef): string => `${subject}:${id}:${field}`;

const SUBJECTS: readonly string[] = ['funds', 'vehicles', 'companies', 'investments', 'investors'];

export function parseFigureKey(key: string | undefined): FigureRef | null {
  const [subject, id, field] = key?.split(':') ?? [];
  if (!subject || !id || !field || !SUBJECTS.includes(subject)) return null;
  return { subject: subject as Subject, id, field };
}
