#!/usr/bin/env node
// Runs the TypeScript sources as they are: tsx strips the types, nothing is built or downloaded.
import { register } from "tsx/esm/api";

register();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv);
