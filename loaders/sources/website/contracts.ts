import { fileURLToPath } from "node:url";
import { loadContracts } from "../contracts/load.js";

/** What the website may track, by event name. */
export const websiteContracts = loadContracts("website", fileURLToPath(new URL("./contracts", import.meta.url)));
