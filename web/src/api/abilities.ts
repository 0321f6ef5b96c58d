import { useQuery } from '@tanstack/react-query';
import { meQuery } from './session';
import { viewedAs } from './view-as';

/** Whether the signed-in role may do an operation such as `fund.change`. The server decides again on every request. */
export function useMay(operation: string): boolean {
  return useAbilities()(operation);
}

/** The same for many operations at once. Whoever looks as somebody else is offered nothing that changes things. */
export function useAbilities(): (operation: string) => boolean {
  const me = useQuery(meQuery);
  const reads = viewedAs() !== null;
  return (operation) =>
    (me.data?.abilities.includes(operation) ?? false) && (!reads || operation.endsWith('.read'));
}
