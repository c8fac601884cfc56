// One person: their account, and whether and how they take work.
import { clone, create, equals } from "@bufbuild/protobuf";
import { PasswordInput, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Agent, User } from "../gen/switchboard/directory/v1/types_pb";
import { AgentSchema, Role, SkillLevelSchema, UserSchema } from "../gen/switchboard/directory/v1/types_pb";
import { t } from "../strings";
import styles from "./admin.module.css";
import type { Edit } from "./data";
import { Editor } from "./editor";
import type { Choice } from "./fields";
import { choicesOf, KeyField, Part, Pick, PickMany, Rows, Text, Toggle, Whole } from "./fields";
import type { Form, Kind } from "./form";

/** The agent has the key of the user; none: they take no work. */
export interface Person {
  user: User;
  agent?: Agent;
}

const ROLES = [Role.AGENT, Role.SUPERVISOR, Role.QUALITY, Role.PLANNER, Role.ADMINISTRATOR, Role.AUDITOR];
const roles: Choice[] = ROLES.map((role) => ({ value: String(role), label: t.role[role] ?? "" }));

const kind: Kind<Person> = {
  list: "users",
  blank: () => ({ user: create(UserSchema, { roles: [Role.AGENT] }), agent: create(AgentSchema) }),
  read: (centre, key) => {
    const user = centre.users.find((each) => each.key === key);
    return user && { user, agent: centre.agents.find((each) => each.key === key) };
  },
  copy: ({ user, agent }) => ({ user: clone(UserSchema, user), agent: agent && clone(AgentSchema, agent) }),
  same: (one, other) =>
    equals(UserSchema, one.user, other.user) && (one.agent && other.agent ? equals(AgentSchema, one.agent, other.agent) : one.agent === other.agent),
  key: ({ user }) => user.key,
  save: ({ user, agent }, before, versions) => {
    const { key } = user;
    const edits: Edit[] = [{ edit: { case: "put", value: { thing: { case: "user", value: user } } }, version: versions[`users/${key}`] ?? "" }];
    if (agent) edits.push({ edit: { case: "put", value: { thing: { case: "agent", value: { ...agent, key, name: user.name } } } }, version: versions[`agents/${key}`] ?? "" });
    else if (before?.agent) edits.push({ edit: { case: "remove", value: `agents/${key}` }, version: versions[`agents/${key}`] ?? "" });
    return edits;
  },
  remove: ({ user, agent }, versions) => {
    const path = `users/${user.key}`;
    const edits: Edit[] = [{ edit: { case: "remove", value: path }, version: versions[path] ?? "" }];
    if (agent) edits.push({ edit: { case: "remove", value: `agents/${user.key}` }, version: versions[`agents/${user.key}`] ?? "" });
    return edits;
  },
};

export function PersonEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={kind} tab="people" itemKey={itemKey} title={({ user }) => user.name || user.key} what={t.admin.what.person}>
      {(form, { centre }) => (
        <>
          <Part title={t.admin.person.account}>
            <KeyField form={form} path="users.key" hint={t.admin.person.loginHint} get={({ user }) => user.key} set={({ user }, value) => (user.key = value)} />
            <Text form={form} path="users.name" label={t.centre.name} get={({ user }) => user.name} set={({ user }, value) => (user.name = value)} />
            <Text form={form} path="users.email" label={t.centre.email} get={({ user }) => user.email} set={({ user }, value) => (user.email = value)} />
            <PickMany form={form} path="users.roles" label={t.centre.roles} choices={roles} get={({ user }) => user.roles.map(String)} set={({ user }, value) => (user.roles = value.map(Number).sort((a, b) => a - b))} />
            <Password form={form} />
            <Toggle form={form} path="users.disabled" label={t.admin.person.disabled} hint={t.admin.person.disabledHint} get={({ user }) => user.disabled} set={({ user }, value) => (user.disabled = value)} />
          </Part>
          <Part title={t.admin.person.work} hint={t.admin.person.workHint} wide>
            <Switch
              label={t.admin.person.takesWork}
              disabled={form.readOnly}
              checked={form.draft.agent !== undefined}
              error={form.error("agents.key")}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                form.change((person) => {
                  person.agent = checked ? create(AgentSchema, { key: person.user.key }) : undefined;
                  const others = person.user.roles.filter((role) => role !== Role.AGENT);
                  person.user.roles = checked ? [Role.AGENT, ...others] : others;
                });
              }}
            />
            {form.draft.agent && (
              <>
                <div className={styles.fields}>
                  <Pick form={form} path="agents.routing_profile" label={t.centre.profile} clearable choices={choicesOf(centre.routingProfiles)} get={({ agent }) => agent?.routingProfile ?? ""} set={({ agent }, value) => agent && (agent.routingProfile = value)} />
                  <Pick form={form} path="agents.team" label={t.centre.team} clearable choices={choicesOf(centre.teams)} get={({ agent }) => agent?.team ?? ""} set={({ agent }, value) => agent && (agent.team = value)} />
                  <Text form={form} path="agents.extension" label={t.admin.person.extension} hint={t.admin.person.extensionHint} get={({ agent }) => agent?.extension ?? ""} set={({ agent }, value) => agent && (agent.extension = value)} />
                </div>
                <Skills form={form} skills={choicesOf(centre.skills)} />
                <Attributes form={form} />
              </>
            )}
          </Part>
        </>
      )}
    </Editor>
  );
}

function Password({ form }: { form: Form<Person> }) {
  return (
    <PasswordInput
      size="sm"
      label={form.isNew ? t.signIn.password : t.admin.person.newPassword}
      description={form.isNew ? undefined : t.admin.person.passwordHint}
      autoComplete="new-password"
      readOnly={form.readOnly}
      value={form.draft.user.password}
      error={form.error("users.password")}
      onChange={(event) => {
        const { value } = event.currentTarget;
        form.change(({ user }) => (user.password = value));
      }}
    />
  );
}

function Skills({ form, skills }: { form: Form<Person>; skills: Choice[] }) {
  const levels = form.draft.agent?.skills ?? [];
  return (
    <Rows
      rows={levels}
      readOnly={form.readOnly}
      add={() => form.change(({ agent }) => agent?.skills.push(create(SkillLevelSchema, { proficiency: 3 })))}
      addLabel={t.admin.person.addSkill}
      remove={(place) => form.change(({ agent }) => agent?.skills.splice(place, 1))}
      removeLabel={(place) => t.admin.person.removeSkill(levels[place]?.skill || String(place + 1))}
    >
      {(level, place) => {
        const path = `agents.skills[${level.skill || place}]`;
        return (
          <>
            <Pick
              form={form}
              path={`${path}.skill`}
              label={t.admin.person.skill}
              choices={skills}
              get={({ agent }) => agent?.skills[place]?.skill ?? ""}
              set={({ agent }, value) => {
                const each = agent?.skills[place];
                if (each) each.skill = value;
              }}
            />
            <div data-narrow>
              <Whole
                form={form}
                path={`${path}.proficiency`}
                label={t.admin.person.proficiency}
                min={0}
                max={5}
                step={0.5}
                decimals={2}
                get={({ agent }) => agent?.skills[place]?.proficiency ?? 0}
                set={({ agent }, value) => {
                  const each = agent?.skills[place];
                  if (each) each.proficiency = value;
                }}
              />
            </div>
          </>
        );
      }}
    </Rows>
  );
}

/** Free attributes for the expressions of rings. The rows are kept apart: a name that is still being typed is no key yet. */
function Attributes({ form }: { form: Form<Person> }) {
  const [rows, setRows] = useState<[string, string][]>(() => Object.entries(form.draft.agent?.attributes ?? {}));
  const become = (next: [string, string][]) => {
    setRows(next);
    form.change(({ agent }) => {
      if (agent) agent.attributes = Object.fromEntries(next.filter(([name]) => name !== ""));
    });
  };
  return (
    <Rows
      rows={rows}
      readOnly={form.readOnly}
      add={() => become([...rows, ["", ""]])}
      addLabel={t.admin.person.addAttribute}
      remove={(place) => become(rows.filter((_, each) => each !== place))}
      removeLabel={(place) => t.admin.person.removeAttribute(rows[place]?.[0] || String(place + 1))}
    >
      {([name, value], place) => {
        const set = (row: [string, string]) => become(rows.map((each, at) => (at === place ? row : each)));
        return (
          <>
            <TextInput label={t.admin.person.attribute} placeholder="site" readOnly={form.readOnly} value={name} error={form.error(`agents.attributes[${name}]`)} onChange={(event) => set([event.currentTarget.value.trim(), value])} />
            <TextInput label={t.admin.person.value} placeholder="LIS" readOnly={form.readOnly} value={value} onChange={(event) => set([name, event.currentTarget.value])} />
          </>
        );
      }}
    </Rows>
  );
}
