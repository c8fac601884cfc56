// A customer with cases, history and notes, asked again when something about them is announced.
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi } from "../context";

export const customerKey = (customerId: string | undefined) => ["customer", customerId];

export function useCustomer(customerId: string | undefined, everyMs?: number) {
  const api = useApi();
  return useQuery({
    queryKey: customerKey(customerId),
    queryFn: () => api.crm.getCustomer({ customerId: customerId ?? "" }, ask),
    enabled: Boolean(customerId),
    refetchInterval: everyMs,
  });
}
