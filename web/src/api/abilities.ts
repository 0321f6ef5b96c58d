import { useQuery } from '@tanstack/react-query';
import { meQuery } from './session';

/** Whether the signed-in role may do an operation such as `fund.change`. The server decides again on every request. */
export function useMay(operation: string): boolean {
  const me = useQuery(meQuery);
  return me.data?.abilities.includes(operation) ?? false;
}
