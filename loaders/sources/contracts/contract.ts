import type { IdentifierType } from "../../record.js";
import type { Validate } from "./validate.js";

/** How a leaf is personal: it identifies (an address), it describes (a name, a birth date), or it is free text. */
export type PersonalKind = "identifier" | "direct" | "text";

/** What a contract says of one place in a message. Places it does not name are judged by their name. */
export interface ContractNode {
  readonly personal: PersonalKind | null;
  /** The kind of identifier the leaf holds, where the schema says so. */
  readonly identifier: IdentifierType | null;
  /** JSON types the schema allows here, empty when any. */
  readonly types: readonly string[];
  readonly properties: ReadonlyMap<string, ContractNode>;
  readonly items: ContractNode | null;
  /** Whether fields of this object that are not in `properties` are personal, whatever they are called. */
  readonly hidesUnnamed: boolean;
}

export interface Contract {
  /** "name/MODEL-REVISION-ADDITION" (SchemaVer). */
  readonly id: string;
  readonly root: ContractNode;
  /** Null when the value keeps the contract. */
  readonly check: Validate;
}

export const OPEN_NODE: ContractNode = {
  personal: null,
  identifier: null,
  types: [],
  properties: new Map(),
  items: null,
  hidesUnnamed: false,
};

/** The places of both: what one leaves open the other may name. The first wins where both speak of a leaf. */
export function mergeNodes(first: ContractNode, second: ContractNode): ContractNode {
  const properties = new Map(second.properties);
  for (const [name, node] of first.properties) {
    const other = properties.get(name);
    properties.set(name, other === undefined ? node : mergeNodes(node, other));
  }
  return {
    personal: first.personal ?? second.personal,
    identifier: first.identifier ?? second.identifier,
    types: first.types.length > 0 ? first.types : second.types,
    properties,
    items: first.items && second.items ? mergeNodes(first.items, second.items) : (first.items ?? second.items),
    hidesUnnamed: first.hidesUnnamed || second.hidesUnnamed,
  };
}
