import { fileURLToPath } from "node:url";
import { contractOf, loadContracts } from "../contracts/load.js";

const contracts = loadContracts("salesforce", fileURLToPath(new URL("./contracts", import.meta.url)));

export const contactContract = contractOf(contracts, "contact");
export const enrollmentContract = contractOf(contracts, "enrollment");
/** By the entity a change event is about. */
export const changeContracts = new Map([
  ["Contact", contractOf(contracts, "contact_change")],
  ["Lead", contractOf(contracts, "lead_change")],
]);
