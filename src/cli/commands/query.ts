import { withControl } from "../engine-access.js";
import { type Format, formatRows } from "../print.js";

export async function query(sql: string, options: { home: string; format: Format; unmask: boolean }): Promise<void> {
  const result = await withControl(options, (control) => control.query({ sql, unmask: options.unmask }));
  process.stdout.write(`${formatRows(result, options.format)}\n`);
}
