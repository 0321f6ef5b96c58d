import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(process.cwd(), 'src');

function sources(folder = SRC): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$|schema\.d\.ts$/.test(name) ? [path] : [];
  });
}

const breaking = (rule: (text: string, path: string) => boolean) =>
  sources()
    .map((path) => [relative(SRC, path), readFileSync(path, 'utf8')] as const)
    .filter(([path, text]) => rule(text, path))
    .map(([path]) => path);

it('features build on the design system, not on the kit below it', () => {
  const own = /from '(@mantine\/|@tabler\/|echarts|@\/ui\/)/;
  expect(breaking((text, path) => path.startsWith('features/') && own.test(text))).toEqual([]);
});

it('features do not reach into each other', () => {
  const foreign = (text: string, path: string) => {
    const area = path.split('/')[1];
    return [...text.matchAll(/from '@\/features\/([a-z-]+)/g)].some((match) => match[1] !== area);
  };
  expect(breaking((text, path) => path.startsWith('features/') && foreign(text, path))).toEqual([]);
});

it('inline styles stay where a size is known only at run time', () => {
  const inline = breaking((text) => /style=\{/.test(text));
  expect(inline).toEqual(['features/cohorts/CohortTriangle.tsx', 'ui/table/DataTable.tsx']);
});

it('the library below the screens knows no React', () => {
  expect(breaking((text, path) => path.startsWith('lib/') && /from 'react/.test(text))).toEqual([]);
});
