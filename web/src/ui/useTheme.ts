import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';

/** Light, dark, or as the system says; kept on this device. */
export function useTheme(): [MantineColorScheme, (scheme: MantineColorScheme) => void] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return [colorScheme, setColorScheme];
}
