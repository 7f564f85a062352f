import { type CatalogColumn, tableKey } from "../../googlesql/catalog.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import { type CatalogChange, columnDefinition, type Ddl, type DdlContext, target } from "./ddl.js";
import { duckdbName, tableName } from "./names.js";
import { quoteName } from "./sql.js";
import { duckdbType } from "./types.js";

/** ALTER TABLE. Options change what BigQuery keeps about a table and mean nothing in DuckDB. */
export function alterTableSql(context: DdlContext, node: ResolvedNode): Ddl {
  const { generator } = context;
  const name = target(context, node, false);
  const key = tableKey(name);
  const table = context.find(key);
  node.ignore("isIfExists", "optionList", "alterActionList");
  if (table === undefined) {
    if (node.flag("isIfExists")) return { sql: [], changes: [] };
    return generator.unsupported(`ALTER of the unknown table ${key}`, node);
  }
  generator.tables.add(key);
  let columns = table.columns;
  const sql: string[] = [];
  const changes: CatalogChange[] = [];
  for (const action of node.nodes("alterActionList")) {
    const alter = `ALTER TABLE ${duckdbName(name)}`;
    switch (action.kind) {
      case "AddColumnAction": {
        const definition = action.node("columnDefinition");
        const column = { name: definition.text("name"), type: definition.typeOf("type") };
        const exists = action.flag("isIfNotExists") ? "IF NOT EXISTS " : "";
        sql.push(`${alter} ADD COLUMN ${exists}${columnDefinition(generator, definition)}`);
        if (!columns.some((one) => isNamed(one, column.name))) columns = [...columns, column];
        break;
      }
      case "DropColumnAction": {
        const dropped = action.text("name");
        sql.push(`${alter} DROP COLUMN ${action.flag("isIfExists") ? "IF EXISTS " : ""}${quoteName(dropped)}`);
        columns = columns.filter((one) => !isNamed(one, dropped));
        break;
      }
      case "RenameToAction": {
        const renamed = tableName(generator, action.texts("newPath"), node, name.dataset ?? undefined, false);
        sql.push(`${alter} RENAME TO ${quoteName(renamed.table)}`);
        changes.push({ kind: "rename", from: key, to: { dataset: name.dataset, table: renamed.table } });
        break;
      }
      case "RenameColumnAction": {
        const [from, to] = [action.text("name"), action.text("newName")];
        action.ignore("isIfExists");
        if (!columns.some((one) => isNamed(one, from))) break;
        sql.push(`${alter} RENAME COLUMN ${quoteName(from)} TO ${quoteName(to)}`);
        columns = columns.map((one) => (isNamed(one, from) ? { ...one, name: to } : one));
        break;
      }
      case "AlterColumnDropNotNullAction":
        sql.push(`${alter} ALTER COLUMN ${quoteName(action.text("column"))} DROP NOT NULL`);
        action.ignore("isIfExists");
        break;
      case "AlterColumnSetDefaultAction": {
        const fallback = action.node("defaultValue");
        fallback.ignore("sql");
        const value = generator.expression(fallback.node("expression"));
        sql.push(`${alter} ALTER COLUMN ${quoteName(action.text("column"))} SET DEFAULT (${value})`);
        action.ignore("isIfExists");
        break;
      }
      case "AlterColumnDropDefaultAction":
        sql.push(`${alter} ALTER COLUMN ${quoteName(action.text("column"))} DROP DEFAULT`);
        action.ignore("isIfExists");
        break;
      case "AlterColumnSetDataTypeAction": {
        const [column, type] = [action.text("column"), action.typeOf("updatedType")];
        // As in CREATE TABLE, lengths only name the type. That the new type holds every value of the old one, the analyzer checks.
        action.ignore("isIfExists", "updatedTypeParameters", "updatedAnnotations");
        sql.push(`${alter} ALTER COLUMN ${quoteName(column)} SET DATA TYPE ${duckdbType(type)}`);
        columns = columns.map((one) => (isNamed(one, column) ? { ...one, type } : one));
        break;
      }
      // BigQuery does not enforce its keys either.
      case "AddConstraintAction":
        action.ignore("isIfNotExists", "constraint", "table");
        break;
      case "DropConstraintAction":
      case "DropPrimaryKeyAction":
        action.ignore("isIfExists", "name");
        break;
      case "AlterColumnOptionsAction":
        action.ignore("optionList", "isIfExists", "column");
        break;
      case "SetOptionsAction":
        action.ignore("optionList");
        break;
      default:
        generator.unsupported(`ALTER TABLE with ${action.kind}`, node);
    }
  }
  if (columns !== table.columns) {
    changes.unshift({ kind: "create", table: { ...table, columns }, isView: false, onlyIfAbsent: false });
  }
  return { sql, changes };
}

function isNamed(column: CatalogColumn, name: string): boolean {
  return column.name.toLowerCase() === name.toLowerCase();
}
