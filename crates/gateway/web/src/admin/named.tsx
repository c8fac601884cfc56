// Skills and teams: a key and a name.
import { clone, create, equals } from "@bufbuild/protobuf";
import type { Skill, Team } from "../gen/switchboard/directory/v1/types_pb";
import { SkillSchema, TeamSchema } from "../gen/switchboard/directory/v1/types_pb";
import { Pill } from "../parts/bits";
import { t } from "../strings";
import { Editor } from "./editor";
import { KeyField, Part, Text } from "./fields";
import type { Kind } from "./form";

const skills: Kind<Skill> = {
  list: "skills",
  blank: () => create(SkillSchema),
  read: (centre, key) => centre.skills.find((skill) => skill.key === key),
  copy: (skill) => clone(SkillSchema, skill),
  same: (one, other) => equals(SkillSchema, one, other),
  key: (skill) => skill.key,
  save: (skill, _, versions) => [{ edit: { case: "put", value: { thing: { case: "skill", value: skill } } }, version: versions[`skills/${skill.key}`] ?? "" }],
  remove: (skill, versions) => [{ edit: { case: "remove", value: `skills/${skill.key}` }, version: versions[`skills/${skill.key}`] ?? "" }],
};

const teams: Kind<Team> = {
  list: "teams",
  blank: () => create(TeamSchema),
  read: (centre, key) => centre.teams.find((team) => team.key === key),
  copy: (team) => clone(TeamSchema, team),
  same: (one, other) => equals(TeamSchema, one, other),
  key: (team) => team.key,
  save: (team, _, versions) => [{ edit: { case: "put", value: { thing: { case: "team", value: team } } }, version: versions[`teams/${team.key}`] ?? "" }],
  remove: (team, versions) => [{ edit: { case: "remove", value: `teams/${team.key}` }, version: versions[`teams/${team.key}`] ?? "" }],
};

export function SkillEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={skills} tab="skills" itemKey={itemKey} title={(skill) => skill.name || skill.key} what={t.admin.what.skill}>
      {(form, { centre }) => {
        const masters = centre.agents.flatMap((agent) => agent.skills.filter((level) => level.skill === form.draft.key).map((level) => ({ agent, level })));
        return (
          <>
            <Part title={t.admin.basics}>
              <KeyField form={form} path="skills.key" hint={t.admin.skillKeyHint} get={(skill) => skill.key} set={(skill, value) => (skill.key = value)} />
              <Text form={form} path="skills.name" label={t.centre.name} get={(skill) => skill.name} set={(skill, value) => (skill.name = value)} />
            </Part>
            {!form.isNew && (
              <Part title={t.admin.masters} hint={t.admin.mastersHint}>
                <span style={{ display: "flex", flexWrap: "wrap", gap: 6 }}>
                  {masters.length === 0 && <span className="sb-quiet">{t.admin.nobody}</span>}
                  {masters.map(({ agent, level }) => (
                    <Pill key={agent.key}>
                      {agent.name || agent.key} {level.proficiency}
                    </Pill>
                  ))}
                </span>
              </Part>
            )}
          </>
        );
      }}
    </Editor>
  );
}

export function TeamEditor({ itemKey }: { itemKey: string }) {
  return (
    <Editor kind={teams} tab="teams" itemKey={itemKey} title={(team) => team.name || team.key} what={t.admin.what.team}>
      {(form) => (
        <Part title={t.admin.basics}>
          <KeyField form={form} path="teams.key" get={(team) => team.key} set={(team, value) => (team.key = value)} />
          <Text form={form} path="teams.name" label={t.centre.name} get={(team) => team.name} set={(team, value) => (team.name = value)} />
        </Part>
      )}
    </Editor>
  );
}
