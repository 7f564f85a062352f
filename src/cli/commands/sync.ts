import { RollcallError } from "../../platform/errors.js";
import { withControl } from "../engine-access.js";
import { formatCount, formatDuration, formatRows } from "../print.js";

export async function sync(options: { home: string; target?: string }): Promise<void> {
  const report = await withControl(options, (control) =>
    control.sync(options.target === undefined ? {} : { target: options.target }),
  );
  const objects = report.targets.flatMap(({ target, objects }) => objects.map((object) => ({ target, ...object })));
  if (objects.every((object) => object.status === "unchanged")) {
    process.stdout.write("Nothing to send: the targets hold what the warehouse says.\n");
    return;
  }
  for (const object of objects) {
    const counts = [
      [object.upserted, "written"],
      [object.removed, "removed"],
      [object.rejected, "rejected"],
      [object.retryLater, "to retry"],
    ] as const;
    const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
    const why = object.reason === null ? "" : ` (${object.reason})`;
    process.stdout.write(
      `${object.target}.${object.object}: ${object.status}${why} ${told.join(", ")} in ${formatDuration(object.ms)}\n`,
    );
  }
  const held = objects.filter((object) => object.status === "held");
  for (const object of held) process.stdout.write(`To let it go ahead: rollcall sync approve ${object.planId}\n`);
  if (objects.some((object) => object.status === "failed")) {
    throw new RollcallError("TARGET_FAILED", "A target could not be reached; what is missing is sent next time.", {
      isRetriable: true,
    });
  }
}

/** Plans the circuit breaker holds back, with what they would do. */
export async function held(options: { home: string }): Promise<void> {
  const plans = await withControl(options, (control) => control.held());
  if (plans.length === 0) {
    process.stdout.write("Nothing is held.\n");
    return;
  }
  const columns = ["plan", "object", "reason", "inserts", "changes", "removals"].map((name) => ({ name }));
  const rows = plans.map(({ planId, target, object, holdReason, inserts, changes, removals }) => ({
    plan: planId,
    object: `${target}.${object}`,
    reason: holdReason,
    inserts,
    changes,
    removals,
  }));
  process.stdout.write(
    `${formatRows({ columns, rows }, "table")}\nTo let one go ahead: rollcall sync approve <plan>\n`,
  );
}

export async function approve(plan: string, options: { home: string }): Promise<void> {
  await withControl(options, (control) => control.approve(plan));
  process.stdout.write(`Approved. The next sync applies ${plan}.\n`);
}
