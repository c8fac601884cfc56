// The list of keys.
import { Kbd, Modal } from "@mantine/core";
import { w } from "../softphone/words";
import { t } from "../strings";
import styles from "./shell.module.css";

const keys: { keys: string[]; does: string }[] = [
  { keys: ["/"], does: t.shortcuts.search },
  { keys: ["Alt", "O"], does: t.shortcuts.offer },
  { keys: ["Enter"], does: t.shortcuts.accept },
  { keys: ["Esc"], does: t.shortcuts.decline },
  { keys: ["Alt", "1…9"], does: t.shortcuts.work },
  { keys: ["Alt", "S"], does: t.shortcuts.status },
  { keys: ["Alt", "M"], does: t.shortcuts.composer },
  { keys: ["Enter"], does: t.shortcuts.send },
  { keys: ["Shift", "Enter"], does: t.shortcuts.newLine },
  { keys: ["Alt", "W"], does: t.shortcuts.wrapUp },
  { keys: ["Alt", "U"], does: w.shortcuts.mute },
  { keys: ["Alt", "L"], does: w.shortcuts.hold },
  { keys: ["Alt", "T"], does: w.shortcuts.transfer },
  { keys: ["Alt", "P"], does: w.shortcuts.park },
  { keys: ["Alt", "R"], does: w.shortcuts.recording },
  { keys: ["Alt", "C"], does: w.shortcuts.dial },
  { keys: ["Alt", "K"], does: w.shortcuts.keypad },
  { keys: ["Alt", "H"], does: w.shortcuts.hangUp },
  { keys: ["?"], does: t.shortcuts.help },
];

export function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={t.shortcuts.title} centered size="md" closeButtonProps={{ "aria-label": t.shortcuts.close }}>
      <dl className={styles.keys}>
        {keys.map(({ keys: pressed, does }) => (
          <div key={does} style={{ display: "contents" }}>
            <dt>
              {pressed.map((key) => (
                <Kbd key={key} mr={4}>
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
