// What is wrong with the telephone in this browser, where the person looks while there is a call.
import { usePhone } from "./context";
import styles from "./softphone.module.css";

export function PhoneProblem() {
  const problem = usePhone((state) => state.problem);
  if (!problem) return null;
  return (
    <p className={`${styles.problem ?? ""} ${styles.wide ?? ""}`} role="alert" data-testid="phone-problem">
      {problem}
    </p>
  );
}
