// One thing of the centre in its editor: `/centre/queues/billing`, `/centre/queues/+new`.
import { useParams } from "react-router";
import { EntryPointEditor } from "../admin/entry-point";
import { HoursEditor } from "../admin/hours";
import { SkillEditor, TeamEditor } from "../admin/named";
import { PersonEditor } from "../admin/person";
import { ProfileEditor } from "../admin/profile";
import { QueueEditor } from "../admin/queue";
import { Empty } from "../parts/bits";
import { t } from "../strings";

const editors: Record<string, (props: { itemKey: string }) => React.ReactNode> = {
  queues: QueueEditor,
  people: PersonEditor,
  entryPoints: EntryPointEditor,
  profiles: ProfileEditor,
  hours: HoursEditor,
  skills: SkillEditor,
  teams: TeamEditor,
};

export function EditPage() {
  const { tab = "", key = "" } = useParams();
  const Editor = editors[tab];
  if (!Editor) return <Empty title={t.notFound.title}>{t.notFound.text}</Empty>;
  return <Editor key={`${tab}/${key}`} itemKey={key} />;
}
