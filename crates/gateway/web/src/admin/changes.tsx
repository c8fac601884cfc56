// Who changed what, newest first.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi } from "../context";
import { ms } from "../lib/time";
import { Ago, Empty, Failed, Pill } from "../parts/bits";
import { useNames } from "../parts/names";
import { t } from "../strings";
import styles from "./admin.module.css";
import { DiffDetail } from "./diff";

const PAGE = 50;

export function Changes() {
  const api = useApi();
  const names = useNames();
  const list = useInfiniteQuery({
    queryKey: ["changes"],
    queryFn: ({ pageParam }) => api.administration.listChanges({ pageSize: PAGE, pageToken: pageParam }, ask),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const changes = list.data?.pages.flatMap((page) => page.changes) ?? [];
  if (list.data && changes.length === 0) return <Empty>{t.admin.noChanges}</Empty>;
  return (
    <div style={{ padding: "4px 18px 12px" }}>
      <ul className={styles.diff} data-testid="changes">
        {changes.map((each, place) => (
          <li key={place}>
            <div className={styles.diffHead}>
              <Pill>{t.admin.changeKind[each.change?.kind ?? 0]}</Pill> <code>{each.change?.path}</code>
              <span style={{ flex: 1 }} />
              <span>{names.agent(each.actor)}</span>
              <span className="sb-quiet">
                <Ago at={ms(each.at)} />
              </span>
            </div>
            <DiffDetail detail={each.change?.detail ?? ""} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.interactions.more}
        </Button>
      )}
    </div>
  );
}
