// Sign-in of people with a local account.
import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { Code, ConnectError } from "@connectrpc/connect";
import { useRef, useState } from "react";
import { useApi } from "../context";
import { sayError } from "../api/errors";
import { t } from "../strings";
import styles from "./sign-in.module.css";

const REMEMBERED = "switchboard.sign-in";

export function SignInPage({ ended }: { ended: boolean }) {
  const api = useApi();
  const remembered = useState(() => localStorage.getItem(REMEMBERED) ?? "/")[0].split("/");
  const [tenant, setTenant] = useState(remembered[0] ?? "");
  const [more, setMore] = useState((remembered[0] ?? "") !== "");
  const [login, setLogin] = useState(remembered[1] ?? "");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState("");
  const passwordField = useRef<HTMLInputElement>(null);

  const submit = async () => {
    setTried(true);
    setError("");
    if (login.trim() === "" || password === "") return;
    setBusy(true);
    try {
      await api.session.signIn(tenant.trim(), login.trim(), password);
      localStorage.setItem(REMEMBERED, `${tenant.trim()}/${login.trim()}`);
    } catch (failure) {
      const code = ConnectError.from(failure).code;
      setError(code === Code.Unauthenticated ? t.signIn.wrong : code === Code.ResourceExhausted ? t.signIn.tooMany : sayError(failure));
      setBusy(false);
      passwordField.current?.select();
      passwordField.current?.focus();
    }
  };

  return (
    <main className={styles.page}>
      <form
        className={styles.box}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <img src="/icon.svg" width={40} height={40} alt="" />
        <h1>{t.product}</h1>
        <p className="sb-quiet">{t.signIn.intro}</p>
        {(error !== "" || ended) && (
          <div className={styles.notice} data-tone={error !== "" ? "bad" : "warn"} role="alert">
            {error !== "" ? error : t.signIn.ended}
          </div>
        )}
        {more && (
          <TextInput
            label={t.signIn.tenant}
            description={t.signIn.tenantHint}
            name="organization"
            autoComplete="organization"
            size="md"
            maxLength={63}
            value={tenant}
            onChange={(event) => setTenant(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t.signIn.login}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          maxLength={200}
          autoFocus={login === ""}
          error={tried && login.trim() === "" ? t.signIn.missingLogin : undefined}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <PasswordInput
          ref={passwordField}
          label={t.signIn.password}
          name="password"
          autoComplete="current-password"
          size="md"
          maxLength={1000}
          autoFocus={login !== ""}
          error={tried && password === "" ? t.signIn.missingPassword : undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={busy} fullWidth mt={4}>
          {t.signIn.submit}
        </Button>
        {!more && (
          <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => setMore(true)}>
            {t.signIn.moreOptions}
          </Anchor>
        )}
      </form>
    </main>
  );
}
