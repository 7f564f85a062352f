import pc from "picocolors";
import { withControl } from "../engine-access.js";
import { formatStatus } from "../status-text.js";

export async function status(options: { home: string; json: boolean }): Promise<void> {
  const report = await withControl(options, (control) => control.status());
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${formatStatus(report, pc)}\n`);
}
