// Ways to listen to a call, in the menu of its row.
import { Menu } from "@mantine/core";
import { IconHeadphones, IconMessage2, IconVolume } from "@tabler/icons-react";
import { oversees } from "../api/session";
import { useSession } from "../context";
import { SupervisionMode } from "../gen/switchboard/interaction/v1/types_pb";
import { w } from "../softphone/words";
import { useListening } from "./listen";

const MODES = [
  { mode: SupervisionMode.MONITOR, icon: IconHeadphones },
  { mode: SupervisionMode.WHISPER, icon: IconMessage2 },
  { mode: SupervisionMode.BARGE, icon: IconVolume },
];

export function ListenItems({ id }: { id: string }) {
  return oversees(useSession()) ? <Items id={id} /> : null;
}

function Items({ id }: { id: string }) {
  const { busy, listen } = useListening(id);
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{w.supervision.title}</Menu.Label>
      {MODES.map(({ mode, icon: Shape }) => (
        <Menu.Item key={mode} disabled={busy} title={w.supervision.hint[mode]} leftSection={<Shape size={15} aria-hidden />} onClick={() => void listen(mode)}>
          {w.supervision.modes[mode]}
        </Menu.Item>
      ))}
    </>
  );
}
