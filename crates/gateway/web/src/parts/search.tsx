// Search of customers from anywhere: by name, number, mail address or case.
import { Combobox, Kbd, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ask } from "../api/clients";
import { useApi } from "../context";
import { t } from "../strings";
import { Face } from "./bits";
import styles from "./shell.module.css";

export const SEARCH_ID = "search-customers";

export function Search() {
  const api = useApi();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [query] = useDebouncedValue(text.trim(), 180);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const found = useQuery({
    queryKey: ["search", query],
    queryFn: () => api.crm.searchCustomers({ query, pageSize: 8 }, ask),
    enabled: query.length > 0,
    placeholderData: (before) => before,
  });
  const customers = query === "" ? [] : (found.data?.customers ?? []);

  return (
    <Combobox
      store={combobox}
      width="target"
      shadow="md"
      onOptionSubmit={(id) => {
        combobox.closeDropdown();
        setText("");
        void navigate(`/customers/${encodeURIComponent(id)}`);
      }}
    >
      <Combobox.Target>
        <TextInput
          id={SEARCH_ID}
          className={styles.search}
          aria-label={t.search.label}
          placeholder={t.search.placeholder}
          leftSection={<IconSearch size={15} stroke={1.8} aria-hidden />}
          rightSection={text === "" ? <Kbd size="xs">/</Kbd> : null}
          maxLength={200}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label={t.search.label}>
          {customers.map((customer) => (
            <Combobox.Option key={customer.customerId} value={customer.customerId}>
              <span style={{ display: "flex", alignItems: "center", gap: 10 }}>
                <Face name={customer.name || t.unknownCustomer} size={26} />
                <span style={{ minWidth: 0 }}>
                  <div>{customer.name || t.unknownCustomer}</div>
                  <div className="sb-quiet" style={{ fontSize: "0.75rem" }}>
                    {customer.identities[0]?.value} {customer.identities.length > 0 ? "· " : ""}
                    {t.search.interactions(customer.interactions)}
                  </div>
                </span>
              </span>
            </Combobox.Option>
          ))}
          {customers.length === 0 && (
            <Combobox.Empty>{query !== "" && found.isFetched && !found.isFetching ? t.search.empty : t.search.start}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
