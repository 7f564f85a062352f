import type { Erased } from "../../privacy/erasure/erase.js";
import type { EngineControl } from "../control.js";
import { withControl } from "../engine-access.js";

export interface EraseCommand {
  readonly home: string;
  readonly source?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

type Answer = Awaited<ReturnType<EngineControl["eraseIdentity"]>>;

/** Takes a person, or what one source knows of them, out of the warehouse; without `yes` only says what would go. */
export async function erase(who: string, { home, source, yes, json }: EraseCommand): Promise<void> {
  const answer = await withControl({ home }, (control) =>
    control.eraseIdentity({ who, source: source ?? null, isConfirmed: yes }),
  );
  process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : `${erasedText(answer)}\n`);
}

function erasedText(answer: Answer): string {
  if (!("tables" in answer)) return `It was erased on ${answer.erasedAt}: nothing to erase.`;
  const { isErased, profileId, source, erasedNodes, keptNodes, tables } = answer;
  const of = source === null ? profileId : `what ${source} knows of ${profileId}`;
  if (erasedNodes === 0) return `The source ${source} knows nothing of ${profileId}: nothing to erase.`;
  const nodes = `${erasedNodes} source ${erasedNodes === 1 ? "identity" : "identities"}`;
  const left = keptNodes === 0 ? "nothing of the profile stays" : `${keptNodes} stay, under the same profile id`;
  return [
    `${isErased ? "Erased" : "Would erase"} ${of}: ${nodes}; ${left}.`,
    ...tableLines(tables),
    ...(isErased
      ? [
          "The next cycle settles who shared something with it, and the next sync takes it out of the profile store: an engine that is up within two minutes, else  rollcall run  and  rollcall sync",
          "The event log and stored files keep what came in: docs/identity-erasure.md says what is not covered.",
        ]
      : ["Nothing is changed. To erase it for good, say it again with --yes"]),
  ].join("\n");
}

function tableLines(tables: Erased["tables"]): string[] {
  const width = Math.max(...tables.map(({ table }) => table.length));
  return tables.map(({ table, rows }) => {
    const what = table.startsWith("bronze.")
      ? rows === 1
        ? "row emptied"
        : "rows emptied"
      : rows === 1
        ? "row"
        : "rows";
    return `  ${table.padEnd(width)}  ${rows} ${what}`;
  });
}
