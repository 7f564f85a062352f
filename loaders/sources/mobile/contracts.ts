import { fileURLToPath } from "node:url";
import { loadContracts } from "../contracts/load.js";

/** What the app may track, by event name. */
export const mobileContracts = loadContracts("mobile", fileURLToPath(new URL("./contracts", import.meta.url)));
