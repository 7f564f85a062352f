// What landing writes, as includes/bronze.json lists it.
const bronze = require("includes/bronze.json");

for (const [name, table] of Object.entries(bronze.tables)) {
  declare({
    schema: "bronze",
    name,
    description: table.description,
    columns: Object.fromEntries(
      bronze.columns[table.columns].map((column) => [
        column.name,
        { description: column.description, tags: column.personal ? ["personal"] : [] },
      ]),
    ),
  });
}
