/** A table for the person who runs the suite, printed when it is through. */
export interface Table {
  add(cells: readonly (string | number)[]): void;
  print(): void;
}

export function createTable(columns: readonly string[]): Table {
  const rows: string[][] = [[...columns]];
  return {
    add: (cells) => void rows.push(cells.map(String)),
    print: () => {
      const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
      const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
      process.stdout.write(`\n${lines.join("\n")}\n`);
    },
  };
}
