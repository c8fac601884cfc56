// The person's own menu: looks, sound, notifications, keys, sign-out.
import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconBell, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun, IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useState } from "react";
import { useApi, useMaybeDesk, useSession } from "../context";
import { ringing } from "../desk/ring";
import { AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { t } from "../strings";
import { Face } from "./bits";
import styles from "./shell.module.css";

export function Account({ onShortcuts }: { onShortcuts: () => void }) {
  const api = useApi();
  const session = useSession();
  const desk = useMaybeDesk();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [loud, setLoud] = useState(ringing.loud());
  // Nobody may be offered work at a desk that nobody sits at.
  const leave = async () => {
    await desk?.setStatus(AgentStatus.OFFLINE, "").catch(() => undefined);
    await api.session.signOut().catch(() => undefined);
  };
  const looks = [
    { value: "light", name: t.account.light, icon: IconSun },
    { value: "dark", name: t.account.dark, icon: IconMoon },
    { value: "auto", name: t.account.system, icon: IconDeviceDesktop },
  ] as const;
  return (
    <Menu position="right-end" shadow="md" width={220}>
      <Menu.Target>
        <button type="button" className={styles.account} aria-label={t.account.menu(session.name)}>
          <Face name={session.name} size={32} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.name} · {session.tenant}
        </Menu.Label>
        {desk && (
          <>
            <Menu.Item
              closeMenuOnClick={false}
              leftSection={loud ? <IconVolume size={16} /> : <IconVolumeOff size={16} />}
              role="menuitemcheckbox"
              aria-checked={loud}
              onClick={() => {
                ringing.setLoud(!loud);
                setLoud(!loud);
              }}
              rightSection={loud ? "✓" : null}
            >
              {t.account.sound}
            </Menu.Item>
            {"Notification" in window && Notification.permission === "default" && (
              <Menu.Item leftSection={<IconBell size={16} />} onClick={() => void Notification.requestPermission()}>
                {t.account.notifications}
              </Menu.Item>
            )}
          </>
        )}
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onShortcuts}>
          {t.account.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.account.appearance}</Menu.Label>
        {looks.map(({ value, name, icon: Shape }) => (
          <Menu.Item
            key={value}
            closeMenuOnClick={false}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            leftSection={<Shape size={16} />}
            rightSection={colorScheme === value ? "✓" : null}
            onClick={() => setColorScheme(value)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>
          {t.account.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
