import { SOURCES } from "../../../loaders/record.js";
import { PROFILE_STORE } from "../../../syncs/targets/profiles/spec.js";
import { findSubject } from "../../identity/explain/find.js";
import type { Engine } from "../../orchestration/engine.js";
import type { Clock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { eraseProfile } from "../../privacy/erasure/erase.js";
import { erasedAt } from "../../privacy/erasure/erased.js";
import type { AppendedObject, ErasureRules } from "../../privacy/erasure/rules.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { CompiledProject } from "../../warehouse/project/action.js";
import type { EngineControl } from "../control.js";
import { readErasureRules } from "./erasure-rules.js";

export interface ErasureDeps {
  readonly warehouse: Warehouse;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly lookup: (type: string, value: string) => readonly string[];
}

/** What the profile store is only ever sent more of. */
const APPENDED: readonly AppendedObject[] = PROFILE_STORE.objects.flatMap(({ mode, object, table, key }) =>
  mode === "append" ? [{ target: PROFILE_STORE.name, object, table: `${table.dataset}.${table.table}`, key }] : [],
);

/** Erasures take turns with cycles. */
export function createErasureControl(
  { project }: { readonly project: CompiledProject },
  { warehouse, engine, clock, lookup }: ErasureDeps,
): Pick<EngineControl, "eraseIdentity"> {
  let rules: ErasureRules | null = null;

  return {
    eraseIdentity: ({ who, source, isConfirmed }) =>
      engine.exclusively(async () => {
        if (source !== null && !SOURCES.some((known) => known === source)) {
          throw refused("INPUT_INVALID", `there is no source "${source}": give one of ${SOURCES.join(", ")}`);
        }
        const found = await findSubject({ warehouse, lookup }, who);
        if (found.kind === "several") {
          const ids = found.choices.map(({ profileId }) => profileId).join(", ");
          throw refused(
            "INPUT_INVALID",
            `${found.title} is carried by several profiles: ${ids}. Say which one is meant`,
          );
        }
        if (found.kind === "not_known") {
          const before = await erasedAt(warehouse, who);
          if (before !== null) return { erasedAt: before };
          throw refused("NOT_FOUND", `${found.title}: nobody is known by it, so nobody can be erased`);
        }
        rules ??= readErasureRules(project);
        const now = clock.now() * 1000;
        const { profileId } = found;
        const erased = await eraseProfile(
          { warehouse, rules, appended: APPENDED, now },
          { profileId, source, isConfirmed },
        );
        // An engine that is up settles and delivers it by itself.
        if (erased.isErased) engine.redeliver();
        return erased;
      }),
  };
}

function refused(code: "INPUT_INVALID" | "NOT_FOUND", message: string): RollcallError {
  return new RollcallError(code, `${message}.`, { isRetriable: false });
}
