/** Longest name of a type, a relation, a condition or a parameter, in UTF-8 bytes. */
export const MAX_NAME_BYTES = 64

/** Longest id of an object or subject, in UTF-8 bytes. */
export const MAX_ID_BYTES = 1024

/** Largest context of a request or of a relationship's condition, in bytes of JSON. */
export const MAX_CONTEXT_BYTES = 64 * 1024

/** Longest list or map within a context: together with the limit on nested macros it bounds the work of a condition. */
export const MAX_CONTEXT_ELEMENTS = 1024

/** Largest attributes of a relationship, in bytes of JSON. */
export const MAX_ATTRIBUTES_BYTES = 4 * 1024

/** Largest text of a model, in bytes. */
export const MAX_MODEL_BYTES = 256 * 1024

/** Most contextual relationships in one request. */
export const MAX_CONTEXTUAL_RELATIONSHIPS = 1000

/** Deepest nesting of lists and maps within a context. */
export const MAX_CONTEXT_DEPTH = 32
