// A customer on a page of their own, reached by search.
import { IconArrowLeft } from "@tabler/icons-react";
import { useNavigate, useParams } from "react-router";
import { CustomerPanel } from "../parts/customer";
import { t } from "../strings";
import styles from "./interactions.module.css";

export function CustomerPage() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  return (
    <div className="sb-page" tabIndex={0} role="region" aria-label={t.customers.title}>
      <button type="button" className={styles.back} style={{ border: 0, background: "none", cursor: "pointer", padding: 0 }} onClick={() => void navigate(-1)}>
        <IconArrowLeft size={15} aria-hidden /> {t.customers.back}
      </button>
      <h1 style={{ position: "absolute", clipPath: "inset(50%)", width: 1, height: 1, overflow: "hidden" }}>{t.customers.title}</h1>
      <div className="sb-card" style={{ maxWidth: 760 }}>
        <CustomerPanel customerId={id} />
      </div>
    </div>
  );
}
