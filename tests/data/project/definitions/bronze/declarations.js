const bronze = require("includes/bronze.json");

for (const [name, table] of Object.entries(bronze.tables)) {
  declare({ schema: "bronze", name, description: table.description });
}
