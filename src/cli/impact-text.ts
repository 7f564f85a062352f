import type { Impact, ImpactedColumn, ImpactedFile } from "../warehouse/analysis/lineage-impact.js";
import { isHarmless } from "../warehouse/analysis/lineage-impact.js";
import { LEGEND, markOf } from "./lineage-text.js";

/** What somebody wants to do to the column. */
export type ImpactKind = "drop" | "change";

export interface ImpactStyle {
  bold(text: string): string;
  dim(text: string): string;
}

const TITLES: Readonly<Record<ImpactKind | "dropInJson", Readonly<Record<string, string>>>> = {
  drop: {
    readers: "Models that fail: their SQL names it",
    further: "Columns made of it further on",
    assertions: "Assertions that fail",
    tests: "Tests that name it",
    deliveries: "Syncs that deliver it",
  },
  dropInJson: {
    readers: "Models that get NULL: their SQL reads it",
    further: "Columns made of it further on",
    assertions: "Assertions that see NULL",
    tests: "Tests that name it",
    deliveries: "Syncs that deliver it",
  },
  change: {
    readers: "Models that change",
    further: "Columns that change further on",
    assertions: "Assertions that see other values",
    tests: "Tests that name it",
    deliveries: "Syncs that deliver other values",
  },
};

export function impactText(impact: Impact, kind: ImpactKind, style: ImpactStyle): string {
  const made = impact.madeIn.length === 0 ? "" : style.dim(`  made in ${impact.madeIn.join(", ")}`);
  const head = `${kind === "drop" ? "Without" : "With other values in"} ${style.bold(impact.part)}${made}`;
  if (isHarmless(impact)) return `${head}\n\nNothing reads it.`;
  const titles = TITLES[kind === "drop" && impact.isInJson ? "dropInJson" : kind];
  const sections = [
    section(
      titles.readers,
      impact.readers.map((reader) => fileLine(reader, style)),
    ),
    section(
      titles.further,
      impact.further.map((file) => fileLine(file, style)),
    ),
    section(
      titles.assertions,
      impact.assertions.map(({ id, file }) => `${id}  ${style.dim(file)}`),
    ),
    section(
      titles.tests,
      impact.tests.map(({ place, name }) => `${place}  ${style.dim(name)}`),
    ),
    section(
      titles.deliveries,
      impact.deliveries.map(({ name, table, columns, needs }) => {
        const stops = needs.length === 0 ? "" : `  it goes by ${needs.join(", ")}`;
        return `${name}  ${columnsText(columns)}  ${style.dim(table)}${stops}`;
      }),
    ),
  ].filter((text) => text !== "");
  return `${head}\n\n${sections.join("\n\n")}\n\n${style.dim(LEGEND)}`;
}

function section(title: string | undefined, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return [`${title ?? ""} (${lines.length})`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function fileLine({ id, file, columns }: ImpactedFile, style: ImpactStyle): string {
  const what = columns.length === 0 ? "? which rows there are" : columnsText(columns);
  return `${id}  ${what}  ${style.dim(file)}`;
}

const MOST_COLUMNS = 6;

function columnsText(columns: readonly ImpactedColumn[]): string {
  const shown = columns.slice(0, MOST_COLUMNS).map(({ column, flow }) => `${markOf(flow)} ${column}`);
  const rest = columns.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
