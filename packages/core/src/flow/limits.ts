/** Nodes that a flow may have: all are inserted at once, and Redis answers nobody else for 40 ms with 1,000 of them. */
export const MAX_NODES = 1_000;

/** Dependencies that a flow may have. */
export const MAX_EDGES = 10_000;

/** A node's name is at most this long. */
export const MAX_NODE_NAME = 90;

/** A flow's id is at most this long: with a node's name it makes a call's id. */
export const MAX_FLOW_ID = 120;

/** JSON of all calls of a flow together, as a multiple of the app's `maxPayloadBytes`. */
export const MAX_PAYLOADS = 16;
