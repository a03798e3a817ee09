/** What one request may ask for. Every limit is named in the error that it causes. */

export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
/** Items of a bulk check, operations of a write, relationships of a page. */
export const MAX_ITEMS = 10_000
/** Relationships that one deletion or move may concern: all of them are one revision, which is applied in one piece. */
export const MAX_CHANGES = 500_000
export const MAX_ALSO_AS = 8
export const MAX_PRECONDITIONS = 100
export const MAX_WATCH_FILTERS = 100
export const MAX_FILTER_VALUES = 1_000
export const MAX_IDEMPOTENCY_KEY_BYTES = 128
export const DEFAULT_PAGE_SIZE = 1_000
/** Relationships of one message of an export. */
export const EXPORT_PAGE = 5_000
/** A page is cut short before its answer grows beyond what a client accepts by default (4 MiB). */
export const MAX_PAGE_BYTES = 2 * 1024 * 1024

/** Kinds of subjects that one answer of ReflectSchema lists, over all relations. */
export const MAX_REACHABLE_SUBJECTS = 20_000

/** For calls and stream items without a deadline of their own, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000
/** How many nodes an evaluation may look at if the request does not say. */
export const DEFAULT_NODE_BUDGET = 1_000_000
/** The same for lists, which look at many objects. */
export const DEFAULT_LIST_NODE_BUDGET = 50_000_000
/** A long evaluation lets others run after this long, in milliseconds. */
export const TURN_MS = 5
/** How many objects or subjects travel in one message of a list. */
export const LIST_MESSAGE = 1_000
